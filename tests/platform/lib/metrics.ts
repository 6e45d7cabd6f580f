import { send } from "./http.ts";

/** One scrape: series, written as in the exposition, with their values. */
export type Scrape = ReadonlyMap<string, number>;

/** The eight metrics that the platform promises. */
export const promisedMetrics = [
  "http_requests_total",
  "http_request_duration_seconds",
  "auth_failures_total",
  "sql_errors_total",
  "file_upload_errors_total",
  "pdf_parser_errors_total",
  "rmap_handshake_failures_total",
  "security_events_total",
] as const;

/** Scrapes as a neighbour on loopback would. */
export async function scrape(port: number): Promise<Scrape> {
  const { status, text } = await send(port, "/metrics");
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  return parseExposition(text);
}

/** Labels come out sorted by name, so that a series has one spelling. */
export function parseExposition(text: string): Scrape {
  const series = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`No sample: ${line}`);
    series.set(seriesName(match[1]!, labelsIn(match[2] ?? "")), Number(match[3]));
  }
  return series;
}

/** `name{a="1",b="2"}`, labels sorted. */
export function seriesName(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  if (pairs.length === 0) return metric;
  return `${metric}{${pairs.map(([name, value]) => `${name}="${value}"`).join(",")}}`;
}

export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function parseSeries(name: string): Series {
  const brace = name.indexOf("{");
  if (brace < 0) return { metric: name, labels: {} };
  return { metric: name.slice(0, brace), labels: labelsIn(name.slice(brace + 1, -1)) };
}

/** What a step moved, of the counters below; series that stayed are left out, as are timings. */
export function difference(
  before: Scrape,
  after: Scrape,
  metrics: readonly string[],
): Readonly<Record<string, number>> {
  const moved: Record<string, number> = {};
  for (const [name, value] of after) {
    if (!metrics.includes(parseSeries(name).metric)) continue;
    const change = value - (before.get(name) ?? 0);
    if (change !== 0) moved[name] = change;
  }
  return moved;
}

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) labels[name!] = value!;
  return labels;
}
