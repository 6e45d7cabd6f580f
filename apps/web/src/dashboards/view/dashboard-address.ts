import { type Dashboard, parseInterval, type RawTimeRange } from "@tatou/dashboard-model";

/** What the address bar says about a dashboard; what it leaves out is as the dashboard was saved. */
export interface DashboardAddress {
  readonly timeRange: RawTimeRange;
  /** "10s"; "" for off. */
  readonly refresh: string;
  /** Values asked for, by variable name. */
  readonly asked: ReadonlyMap<string, readonly string[]>;
  /** A single panel instead of all; null for all. */
  readonly viewPanel: string | null;
}

export function readAddress(search: URLSearchParams, dashboard: Dashboard): DashboardAddress {
  const from = search.get("from");
  const to = search.get("to");
  const asked = new Map<string, readonly string[]>();
  for (const name of new Set(search.keys()))
    if (name.startsWith(prefix)) asked.set(name.slice(prefix.length), search.getAll(name));
  const refresh = search.get("refresh") ?? dashboard.refresh;
  return {
    timeRange: from === null || to === null ? dashboard.timeRange : { from, to },
    refresh: parseInterval(refresh) === undefined ? "" : refresh,
    asked,
    viewPanel: search.get("viewPanel"),
  };
}

const prefix = "var-";

/** The search parameter of a variable. */
export function variableParameter(name: string): string {
  return `${prefix}${name}`;
}

/** The range around the same middle, twice as long; it never reaches beyond the present. */
export function zoomedOut(range: { minTimeMs: number; maxTimeMs: number }, nowMs: number): RawTimeRange {
  const halfMs = (range.maxTimeMs - range.minTimeMs) / 2;
  const maxTimeMs = Math.min(range.maxTimeMs + halfMs, Math.max(nowMs, range.maxTimeMs));
  return { from: String(Math.round(range.minTimeMs - halfMs)), to: String(Math.round(maxTimeMs)) };
}
