import { createHash } from "node:crypto";
import type { ScrapeConfig } from "@tatou/config";
import { formatDurationMs, type Labels, labelsKey, labelsOf, labelValue, parseDurationMs, relabel } from "@tatou/model";

/** One endpoint to scrape: what discovery and relabelling made of an address. It never changes. */
export interface Target {
  /** Before relabelling, with the labels that begin with `__`. */
  readonly discoveredLabels: Labels;
  /** On every series of the target. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Two targets with the same key would write the same series: only one of them is scraped. */
  readonly key: string;
}

/** What became of one discovered address. */
export type TargetOutcome =
  | { readonly kind: "active"; readonly target: Target }
  /** A relabelling rule dropped it. */
  | { readonly kind: "dropped"; readonly discoveredLabels: Labels }
  /** Relabelling left something that cannot be scraped. */
  | { readonly kind: "invalid"; readonly discoveredLabels: Labels; readonly problem: string };

/**
 * Makes a target of what discovery found: adds the job's settings as labels, relabels, and reads the settings back from
 * the labels, where rules may have changed them. The address stays as written: a URL has its scheme's port by itself.
 * @see Prometheus configuration, relabel_config
 */
export function makeTarget(discovered: Labels, config: ScrapeConfig): TargetOutcome {
  const discoveredLabels = withJobSettings(discovered, config);
  const relabelled = relabel(discoveredLabels, config.relabelConfigs, md5);
  if (relabelled === null) return { kind: "dropped", discoveredLabels };
  const settings = readSettings(relabelled, config);
  if (typeof settings === "string") return { kind: "invalid", discoveredLabels, problem: settings };
  const instance = labelValue(relabelled, "instance") || labelValue(relabelled, "__address__");
  const labels = labelsOf([
    ["instance", instance],
    ...relabelled
      .filter(({ name }) => !name.startsWith("__"))
      .map(({ name, value }): [string, string] => [name, value]),
  ]);
  return {
    kind: "active",
    target: { discoveredLabels, labels, ...settings, key: `${labelsKey(labels)}${settings.url}` },
  };
}

/** MD5 for the rule action hashmod, which Prometheus defines so. */
export function md5(text: string): Uint8Array {
  return createHash("md5").update(text).digest();
}

function withJobSettings(discovered: Labels, config: ScrapeConfig): Labels {
  const parameters = Object.entries(config.params).map(
    ([name, values]) => [`__param_${name}`, values[0] ?? ""] as const,
  );
  return labelsOf([
    ["job", config.jobName],
    ["__scrape_interval__", formatDurationMs(config.scrapeIntervalMs)],
    ["__scrape_timeout__", formatDurationMs(config.scrapeTimeoutMs)],
    ["__metrics_path__", config.metricsPath],
    ["__scheme__", config.scheme],
    // Later pairs win: what discovery says replaces the job's settings, but not its parameters.
    ...discovered.map(({ name, value }) => [name, value] as const),
    ...parameters,
  ]);
}

type Settings = Pick<Target, "url" | "intervalMs" | "timeoutMs">;

/** The settings, or what is wrong with them, in Prometheus' words. */
function readSettings(labels: Labels, config: ScrapeConfig): Settings | string {
  const address = labelValue(labels, "__address__");
  if (address === "") return "no address";
  if (!/^[^/?#@\s]+$/.test(address)) return `${JSON.stringify(address)} is not a valid hostname`;
  const interval = readDuration(labels, "__scrape_interval__", "scrape interval");
  if (typeof interval === "string") return interval;
  const timeout = readDuration(labels, "__scrape_timeout__", "scrape timeout");
  if (typeof timeout === "string") return timeout;
  if (timeout.durationMs > interval.durationMs)
    return `scrape timeout cannot be greater than scrape interval (${JSON.stringify(timeout.text)} > ${JSON.stringify(interval.text)})`;
  const scheme = labelValue(labels, "__scheme__");
  if (scheme !== "http" && scheme !== "https") return `invalid scheme: ${JSON.stringify(scheme)}`;
  const path = labelValue(labels, "__metrics_path__").replace(/[?#]/g, encodeURIComponent);
  const query = queryOf(labels, config);
  const url = `${scheme}://${address}${path.startsWith("/") ? "" : "/"}${path}${query === "" ? "" : `?${query}`}`;
  if (!URL.canParse(url)) return `${JSON.stringify(address)} is not a valid hostname`;
  return { url, intervalMs: interval.durationMs, timeoutMs: timeout.durationMs };
}

function readDuration(labels: Labels, name: string, what: string): { text: string; durationMs: number } | string {
  const text = labelValue(labels, name);
  try {
    const durationMs = parseDurationMs(text);
    return durationMs === 0 ? `${what} cannot be 0` : { text, durationMs };
  } catch (error) {
    return `error parsing ${what}: ${(error as Error).message}`;
  }
}

/** The job's parameters, of which a `__param_<name>` label replaces the first value; sorted by name, as in Go. */
function queryOf(labels: Labels, config: ScrapeConfig): string {
  const values = new Map(Object.entries(config.params).map(([name, list]) => [name, [...list]]));
  for (const { name, value } of labels)
    if (name.startsWith("__param_")) {
      const key = name.slice("__param_".length);
      values.set(key, [value, ...(values.get(key) ?? []).slice(1)]);
    }
  const query = new URLSearchParams();
  for (const name of [...values.keys()].sort()) for (const value of values.get(name) ?? []) query.append(name, value);
  return query.toString();
}
