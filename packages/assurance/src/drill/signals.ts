import { accepts, formatLabels, type Labels, labelValue, type Matcher, metricNameLabel } from "@tatou/model";
import { parseExpr, printExpr, selectorsOf, type VectorSelector } from "@tatou/promql";

/** What a rule reads at the bottom, below all recording rules: series that somebody exposes. */
export interface Signal {
  /** "" when the selector names its metric by a pattern only. */
  readonly metricName: string;
  readonly matchers: readonly Matcher[];
  /** The selector as PromQL, without an offset. */
  readonly selector: string;
}

/** Values by series, as text for people. */
export type Snapshot = ReadonlyMap<string, number>;

/** Recording rules that read each other deeper than this are no base of anything. */
const depthMax = 8;

/** A scrape puts these on every series, whatever the target says about them itself. */
const scrapeLabels = new Set(["job", "instance"]);

/**
 * What a rule's expression reads at the bottom.
 * @param recorded the expressions of recording rules, by the names they record
 * @throws {QuerySyntaxError} an expression is no PromQL
 */
export function signalsOf(expr: string, recorded: ReadonlyMap<string, readonly string[]>): readonly Signal[] {
  const signals = new Map<string, Signal>();
  const visit = (text: string, depth: number): void => {
    for (const selector of selectorsOf(parseExpr(text))) {
      const sources = recorded.get(selector.name);
      if (sources !== undefined && depth < depthMax) for (const source of sources) visit(source, depth + 1);
      else addSignal(signals, selector);
    }
  };
  visit(expr, 0);
  return [...signals.values()];
}

function addSignal(signals: Map<string, Signal>, selector: VectorSelector): void {
  const text = printExpr({ ...selector, offset: null, at: null, extension: null });
  signals.set(text, { metricName: selector.name, matchers: selector.matchers, selector: text });
}

/** Made by the engine itself at every scrape or evaluation: no target exposes them. */
export function isMadeByEngine({ metricName }: Signal): boolean {
  return metricName === "up" || /^(?:scrape_|ALERTS(?:_FOR_STATE)?$)/.test(metricName);
}

/**
 * Whether an exposed series will be one that the rule reads. Labels that come with the scrape cannot be judged here: `job`,
 * `instance`, and whatever no series of the metric exposes.
 * @param exposedLabels the names of all labels that the metric exposes
 */
export function reads(signal: Signal, series: Labels, exposedLabels: ReadonlySet<string>): boolean {
  return signal.matchers.every(
    (matcher) =>
      (matcher.label !== metricNameLabel && (scrapeLabels.has(matcher.label) || !exposedLabels.has(matcher.label))) ||
      accepts(matcher, labelValue(series, matcher.label)),
  );
}

export function seriesText(labels: Labels): string {
  return formatLabels(labels);
}

/** In words, the series that changed most; null when none did. A series that came or went has changed. */
export function movementBetween(before: Snapshot, now: Snapshot): string | null {
  let found: { readonly text: string; readonly size: number } | null = null;
  for (const name of new Set([...now.keys(), ...before.keys()])) {
    const [from, to] = [before.get(name), now.get(name)];
    if (Object.is(from, to)) continue;
    // Not a number is smaller than any change.
    const size = Math.abs((to ?? 0) - (from ?? 0)) || 0;
    if (found === null || size > found.size) found = { text: `${name} ${valueText(from)} → ${valueText(to)}`, size };
  }
  return found?.text ?? null;
}

function valueText(value: number | undefined): string {
  return value === undefined ? "nothing" : shortNumber(value);
}

/** Five digits are enough for the eye. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(5)));
}
