import { lineAndColumn } from "@tatou/model";
import { type DeclaredMetric, metricKindOf, metricNamePattern } from "./declared-metric.ts";
import { insideBrackets, literalList, literalText, splitArguments, withoutComments } from "./source-text.ts";

/** The metrics that a Python file declares with prometheus_client: `Counter("name", "help", ["label"])`. */
export function scanPython(written: string, file: string): readonly DeclaredMetric[] {
  if (!written.includes("prometheus")) return [];
  const text = withoutComments(written, "python");
  const found: DeclaredMetric[] = [];
  for (const match of text.matchAll(/(Counter|Gauge|Histogram|Summary)\s{0,8}\(/g)) {
    const inner = insideBrackets(text, match.index + match[0].length - 1);
    const kind = metricKindOf(match[1]!);
    if (inner === null || kind === null) continue;
    const args = splitArguments(inner);
    const first = argument(args, "name", 0);
    const name = first === null ? null : literalText(first);
    if (name === null || !metricNamePattern.test(name)) continue;
    const parts = [argument(args, "namespace", null), argument(args, "subsystem", null)].map(
      (part) => part && literalText(part),
    );
    const whole = [...parts, name].filter(Boolean).join("_");
    const labels = argument(args, "labelnames", 2);
    found.push({
      name: kind === "counter" && !whole.endsWith("_total") ? `${whole}_total` : whole,
      kind,
      labels: labels === null ? [] : literalList(labels),
      position: { file, ...lineAndColumn(text, match.index) },
    });
  }
  return found;
}

/** An argument by its name or its place. */
function argument(args: readonly string[], name: string, index: number | null): string | null {
  const named = args.find((arg) => new RegExp(`^${name}\\s*=(?!=)`).test(arg));
  if (named !== undefined) return named.slice(named.indexOf("=") + 1).trim();
  const placed = index === null ? undefined : args[index];
  return placed === undefined || /^\w+\s*=(?!=)/.test(placed) ? null : placed;
}
