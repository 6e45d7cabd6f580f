/** What a platform with broken metrics exposes: the text of its scrapes, changed on the way to whoever reads it. */
export type MetricsFault = "security_metrics_gone" | "requests_uncounted" | "too_many_series";

/** The families without which a rule calls the platform blind. */
const securityFamilies = ["security_events_total", "http_requests_total", "auth_failures_total"];
const requestFamily = "http_requests_total";
/** Between what a rule calls too many and the `sample_limit` at which the whole scrape fails. */
const seriesCount = 9_000;

/** Changes exposition text as long as it is told to. */
export class MetricsDisguise {
  readonly #active = new Set<MetricsFault>();
  /** The lines of the request counter as they were when it stopped; null until they are seen. */
  #stoppedLines: readonly string[] | null = null;

  /** Gives the way back. */
  begin(fault: MetricsFault): () => void {
    this.#active.add(fault);
    return () => {
      this.#active.delete(fault);
      if (fault === "requests_uncounted") this.#stoppedLines = null;
    };
  }

  get isActive(): boolean {
    return this.#active.size > 0;
  }

  /** @param text in Prometheus' text format, lines ended by a line feed */
  apply(text: string): string {
    let lines = text.split("\n").filter((line) => line !== "");
    if (this.#active.has("security_metrics_gone")) lines = lines.filter((line) => !isOf(line, securityFamilies));
    if (this.#active.has("requests_uncounted")) lines = this.#withStoppedRequests(lines);
    if (this.#active.has("too_many_series")) lines = withManySeries(lines);
    return `${lines.join("\n")}\n`;
  }

  #withStoppedRequests(lines: readonly string[]): string[] {
    this.#stoppedLines ??= lines.filter((line) => isOf(line, [requestFamily]));
    return [...lines.filter((line) => !isOf(line, [requestFamily])), ...this.#stoppedLines];
  }
}

function isOf(line: string, families: readonly string[]): boolean {
  const [, name] = /^(?:# (?:HELP|TYPE) )?([^\s{]+)/.exec(line) ?? [];
  return name !== undefined && families.includes(name);
}

function withManySeries(lines: readonly string[]): string[] {
  const own = lines.filter((line) => !line.startsWith("#")).length;
  const more = Array.from({ length: Math.max(0, seriesCount - own) }, (_, index) => `drill_series{index="${index}"} 1`);
  return [...lines, "# TYPE drill_series gauge", ...more];
}
