import { loadOpenApi as loadDescription, type OpenApi } from "../../../../tests/lib/openapi.ts";

/** Alertmanager's own description of its API v2, as data to check answers against; null when it is not at hand. */
export function loadOpenApi(): OpenApi | null {
  return loadDescription("alertmanager_v2_openapi.yaml");
}
