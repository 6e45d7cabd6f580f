import { getJson } from "../../lib/processes.ts";

/**
 * Questions about a history of which the end is known. All times lie off every sample: Prometheus 3 leaves out a sample at
 * the very beginning of a range, 2.42 takes it.
 */
export interface Question {
  readonly expr: string;
  /** Null for an instant question, at `endMs`. */
  readonly startMs: number | null;
  readonly endMs: number;
  readonly stepSeconds: number;
}

const functionsOverTime = ["sum", "avg", "min", "max", "count", "last", "stddev", "present", "changes", "resets"];

/** Fifty questions: `metrics` names counters, gauges and everything, `hours` is how far back the long ones look. */
export function fiftyQuestions(
  names: { readonly counter: string; readonly gauge: string; readonly any: string },
  window: { readonly endMs: number; readonly hours: number; readonly rangeText: string },
): readonly Question[] {
  const { counter, gauge, any } = names;
  const range = window.rangeText;
  const instants = [
    counter,
    gauge,
    `{__name__=~"${any}"}`,
    `count by (__name__) ({__name__=~"${any}"})`,
    `count by (instance, job) ({__name__=~"${any}"})`,
    `topk(5, ${gauge})`,
    `${gauge} offset ${range}`,
    `${gauge} > 0`,
    `sum(${counter}) - sum(${counter} offset ${range})`,
    `quantile(0.9, ${gauge})`,
    `absent(${counter})`,
    `count({__name__=~"${any}", series!~"1.*"})`,
    `timestamp(${gauge})`,
    `${counter} and ${counter} offset ${range}`,
    `label_replace(${gauge}, "copy", "$1", "instance", "(.*):.*")`,
  ];
  const both = [
    `rate(${counter}[${range}])`,
    `sum by (instance) (increase(${counter}[${range}]))`,
    `irate(${counter}[${range}])`,
    `sum without (series) (${gauge})`,
    `max by (instance) (${gauge})`,
    `delta(${gauge}[${range}])`,
    `deriv(${gauge}[${range}])`,
    `quantile_over_time(0.5, ${gauge}[${range}])`,
    ...functionsOverTime.map((name) =>
      name === "changes" || name === "resets"
        ? `${name}(${counter}[${range}])`
        : `${name}_over_time(${gauge}[${range}])`,
    ),
  ];
  const { endMs, hours } = window;
  const startMs = endMs - hours * 3_600_000;
  const stepSeconds = Math.max(1, Math.round((hours * 3600) / 200));
  const asked = [
    ...instants.map((expr) => ({ expr, startMs: null, endMs, stepSeconds })),
    ...both.map((expr) => ({ expr, startMs: null, endMs: endMs - (hours * 3_600_000) / 3, stepSeconds })),
    ...both.map((expr) => ({ expr, startMs, endMs, stepSeconds })),
  ];
  return asked.slice(0, 50);
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** The answer as sorted series with their points. */
export async function answerOf(origin: string, question: Question): Promise<ReadonlyMap<string, readonly Point[]>> {
  const { expr, startMs, endMs, stepSeconds } = question;
  const parameters = new URLSearchParams({ query: expr });
  if (startMs === null) parameters.set("time", String(endMs / 1000));
  else {
    parameters.set("start", String(startMs / 1000));
    parameters.set("end", String(endMs / 1000));
    parameters.set("step", String(stepSeconds));
  }
  const path = startMs === null ? "query" : "query_range";
  const answer = await getJson<{ status: string; error?: string; data: { result: readonly Series[] } }>(
    `${origin}/api/v1/${path}?${parameters}`,
  );
  if (answer.status !== "success") throw new Error(`${expr}: ${answer.error}`);
  return new Map(
    answer.data.result
      .map(({ metric, value, values }): [string, Point[]] => [
        JSON.stringify(Object.entries(metric).sort(([left], [right]) => (left < right ? -1 : 1))),
        (values ?? [value ?? [0, "NaN"]]).map(([seconds, text]) => ({
          seconds,
          value: Number(text.replace("Inf", "Infinity")),
        })),
      ])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

interface Point {
  readonly seconds: number;
  readonly value: number;
}

/** What differs between two answers, in words; null for nothing. */
export function differenceOf(
  left: ReadonlyMap<string, readonly Point[]>,
  right: ReadonlyMap<string, readonly Point[]>,
): string | null {
  if ([...left.keys()].join("\n") !== [...right.keys()].join("\n")) {
    return `other series: ${left.size} and ${right.size}, as ${[...left.keys()].find((key) => !right.has(key)) ?? [...right.keys()].find((key) => !left.has(key))}`;
  }
  for (const [key, points] of left) {
    const others = right.get(key) ?? [];
    if (points.length !== others.length) return `${key}: ${points.length} and ${others.length} points`;
    for (const [index, point] of points.entries()) {
      const other = others[index];
      if (other?.seconds !== point.seconds) return `${key}: a point at ${point.seconds}, and one at ${other?.seconds}`;
      if (!isNear(point.value, other.value)) return `${key} at ${point.seconds}: ${point.value} and ${other.value}`;
    }
  }
  return null;
}

/** Within 1e-12 of each other, relative. */
function isNear(left: number, right: number): boolean {
  return Object.is(left, right) || left === right || Math.abs(left - right) <= 1e-12 * Math.abs(left);
}

/** How many points an answer has: a question with none proves nothing. */
export function pointCountOf(answer: ReadonlyMap<string, readonly Point[]>): number {
  return [...answer.values()].reduce((count, points) => count + points.length, 0);
}
