import { lineAndColumn } from "@tatou/model";
import { type DeclaredMetric, type MetricKind, metricKindOf, metricNamePattern } from "./declared-metric.ts";
import { insideBrackets, literalList, literalText, splitArguments, withoutComments } from "./source-text.ts";

/** `new Counter(`, `Gauge<"job">(`, `this.#counter(`; bounded, so that no source makes it slow. */
const makerCall = /(counter|gauge|histogram|summary)\s{0,8}(?:<[^()<>]{0,200}>)?\s{0,8}\(/gi;

const metricsLibrary = /["'](?:prom-client|@tatou\/exposition)["']/;

/**
 * The metrics that a file of JavaScript or TypeScript declares with prom-client, or with something that looks like it:
 * `new Counter({ name, labelNames })`, `registry.gauge({ name })`, `this.counter("name", "help", ["label"])`, and tables
 * with metric names for keys.
 */
export function scanJavascript(written: string, file: string): readonly DeclaredMetric[] {
  if (written.search(makerCall) === -1 && !metricsLibrary.test(written)) return [];
  const text = withoutComments(written, "javascript");
  const found: DeclaredMetric[] = [];
  for (const match of text.matchAll(makerCall)) {
    const inner = insideBrackets(text, match.index + match[0].length - 1);
    const kind = metricKindOf(match[1]!);
    if (inner === null || kind === null) continue;
    const call = readCall(splitArguments(inner), text);
    if (call === null) continue;
    found.push({ ...call, kind, position: { file, ...lineAndColumn(text, match.index) } });
  }
  return [...found, ...tableMetrics(text, file)];
}

type Call = Pick<DeclaredMetric, "name" | "labels">;

function readCall(args: readonly string[], text: string): Call | null {
  const [first] = args;
  if (first === undefined) return null;
  if (first.startsWith("{")) return readOptions(first, text);
  const name = literalText(first);
  if (name === null || !metricNamePattern.test(name)) return null;
  const options = args.find((arg) => arg.startsWith("{"));
  const list = args.slice(1).find((arg) => arg.startsWith("["));
  if (list !== undefined) return { name, labels: literalList(list) };
  if (options !== undefined) return { name, labels: labelsOfOptions(splitArguments(options.slice(1, -1)), text) };
  return { name, labels: args.length > 2 ? null : [] };
}

function readOptions(options: string, text: string): Call | null {
  const fields = splitArguments(options.slice(1, -1));
  const written = fieldOf(fields, "name");
  const name = written === null ? null : literalText(written);
  if (name === null || !metricNamePattern.test(name)) return null;
  return { name, labels: labelsOfOptions(fields, text) };
}

function labelsOfOptions(fields: readonly string[], text: string): readonly string[] | null {
  if (fields.some((field) => field.startsWith("...") || field === "labelNames")) return null;
  const written = fieldOf(fields, "labelNames");
  if (written === null) return [];
  const constant = new RegExp(`const\\s+${/^\w+$/.exec(written)?.[0] ?? "-"}\\s*(?::[^=]*)?=\\s*\\[`).exec(text);
  if (constant === null) return literalList(written);
  const inner = insideBrackets(text, constant.index + constant[0].length - 1);
  return inner === null ? null : literalList(`[${inner}]`);
}

function fieldOf(fields: readonly string[], name: string): string | null {
  const field = fields.find((text) => new RegExp(`^["']?${name}["']?\\s*:`).test(text));
  return field === undefined ? null : field.slice(field.indexOf(":") + 1).trim();
}

const tableKey = /^\s*["']?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)["']?\s*:\s*["'`{[]/;

/** Keys that end as metric names do, in a file that knows prom-client. Which labels each has is not said beside it. */
function tableMetrics(text: string, file: string): readonly DeclaredMetric[] {
  if (!metricsLibrary.test(text)) return [];
  const labels = labelsInLists(text);
  const found: DeclaredMetric[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const name = tableKey.exec(line)?.[1];
    const kind = name === undefined ? null : kindByEnding(name);
    if (name !== undefined && kind !== null)
      found.push({ name, kind, labels, position: { file, ...lineAndColumn(text, offset + line.indexOf(name)) } });
    offset += line.length + 1;
  }
  return found;
}

function kindByEnding(name: string): MetricKind | null {
  if (name.endsWith("_total")) return "counter";
  return /_(?:seconds|bytes|ratio|info)$/.test(name) ? "gauge" : null;
}

/** Every label that a list of the file names: none of its metrics has another one. Null when there is no list. */
function labelsInLists(text: string): readonly string[] | null {
  const labels = [...text.matchAll(/\[/g)].flatMap((match) => {
    const inner = insideBrackets(text, match.index);
    return (inner === null ? null : literalList(`[${inner}]`)) ?? [];
  });
  return labels.length === 0 ? null : [...new Set(labels)];
}
