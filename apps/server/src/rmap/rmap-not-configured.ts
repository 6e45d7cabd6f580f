import { Problem } from "../http/problem.ts";

/** Tells a server without RMAP from one whose database is away. */
export const rmapNotConfiguredCode = "rmap_not_configured";

export function rmapNotConfigured(): Problem {
  return new Problem(503, "RMAP is not configured", { code: rmapNotConfiguredCode });
}
