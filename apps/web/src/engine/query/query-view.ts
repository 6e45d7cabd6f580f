import { parseDurationMs } from "@tatou/model";

/** What the address of the query page says; the names are those of Prometheus' own page, so its links work here. */
export interface QueryView {
  readonly expr: string;
  readonly tab: "table" | "graph";
  readonly rangeMs: number;
  /** null is now. */
  readonly endMs: number | null;
}

const rangeMsDefault = 3_600_000;

export function readQueryView(search: URLSearchParams): QueryView {
  return {
    expr: search.get("g0.expr") ?? "",
    tab: search.get("g0.tab") === "0" || search.get("g0.tab") === "graph" ? "graph" : "table",
    rangeMs: readRange(search.get("g0.range_input")),
    endMs: readTime(search.get("g0.end_input")),
  };
}

/** The search parameters that bring this view back. */
export function queryViewSearch(view: QueryView): Record<string, string | null> {
  return {
    "g0.expr": view.expr === "" ? null : view.expr,
    "g0.tab": view.tab === "graph" ? "graph" : "table",
    "g0.range_input": view.rangeMs === rangeMsDefault ? null : `${Math.round(view.rangeMs / 1000)}s`,
    "g0.end_input": view.endMs === null ? null : new Date(view.endMs).toISOString().slice(0, 19).replace("T", " "),
  };
}

function readRange(text: string | null): number {
  try {
    return text === null || text === "" ? rangeMsDefault : Math.max(1000, parseDurationMs(text));
  } catch {
    return rangeMsDefault;
  }
}

/** Prometheus writes "2026-11-22 18:00:00", in UTC. */
function readTime(text: string | null): number | null {
  const timeMs = text === null ? Number.NaN : Date.parse(`${text.replace(" ", "T")}Z`);
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** A step that gives about 250 points, at least a second, as Prometheus' page chooses it. */
export function stepMsOf(rangeMs: number): number {
  return Math.max(1000, Math.floor(rangeMs / 250 / 1000) * 1000);
}
