import type { JsonObject } from "../json.ts";

/** A panel in the shape of today, and in words what could not be carried over. */
export interface UpgradedPanel {
  readonly panel: JsonObject;
  readonly lacks: readonly string[];
}
