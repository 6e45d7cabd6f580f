import type { Rmap } from "./rmap.ts";
import type { RmapSettings } from "./rmap-settings.ts";

/** RMAP on a server that has keys for it. */
export interface RmapService {
  readonly settings: RmapSettings;
  readonly protocol: Rmap;
  /** What is handed out in marked copies. */
  readonly documentId: number;
}
