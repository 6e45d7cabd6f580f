/**
 * Native histograms as rule unit tests write them: `{{schema:1 count:3 sum:4.5 buckets:[1 2] offset:-1}}`. Here they are read,
 * added up in sequences, and compared; calculating with them is for an evaluator that knows them.
 */
import { RuleTestError } from "./errors.ts";

export interface NativeHistogram {
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** Upper bounds of the buckets of schema -53. */
  readonly customValues: readonly number[];
  readonly counterReset: "unknown" | "reset" | "not_reset" | "gauge";
  /** Counts above 0 by the index of their bucket. */
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

const numberText = String.raw`[-+]?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|[iI][nN][fF]|[nN][aA][nN])`;
const fieldForm = new RegExp(
  String.raw`^\s*([a-z_]+)\s*:\s*(?:(${numberText})|\[\s*((?:${numberText}(?:\s+|(?=\])))*)\]|(unknown|reset|not_reset|gauge))(?=\s|$)`,
);
const numberFields: ReadonlySet<string> = new Set([
  ...["schema", "count", "sum", "z_bucket", "z_bucket_w", "offset", "n_offset"],
]);
const listFields: ReadonlySet<string> = new Set(["buckets", "n_buckets", "custom_values"]);

/** @throws {RuleTestError} it is not well-formed */
export function parseNativeHistogram(text: string): NativeHistogram {
  const numbers = new Map<string, number>();
  const lists = new Map<string, readonly number[]>();
  let counterReset: NativeHistogram["counterReset"] = "unknown";
  let rest = /^\{\{(.*)\}\}$/s.exec(text)?.[1] ?? refuse(text);
  const seen = new Set<string>();
  while (rest.trim() !== "") {
    const [whole, name, number, list, word] = fieldForm.exec(rest) ?? refuse(text);
    if (name === undefined || seen.has(name)) refuse(text);
    seen.add(name);
    if (number !== undefined && numberFields.has(name)) numbers.set(name, readNumber(number));
    else if (list !== undefined && listFields.has(name)) lists.set(name, readNumbers(list));
    else if (word !== undefined && name === "counter_reset_hint")
      counterReset = word as NativeHistogram["counterReset"];
    else refuse(text);
    rest = rest.slice(whole.length);
  }
  return {
    schema: numbers.get("schema") ?? 0,
    count: numbers.get("count") ?? 0,
    sum: numbers.get("sum") ?? 0,
    zeroCount: numbers.get("z_bucket") ?? 0,
    zeroThreshold: numbers.get("z_bucket_w") ?? 0,
    customValues: lists.get("custom_values") ?? [],
    counterReset,
    positive: bucketMap(lists.get("buckets"), numbers.get("offset")),
    negative: bucketMap(lists.get("n_buckets"), numbers.get("n_offset")),
  };
}

function refuse(text: string): never {
  throw new RuleTestError(
    "rule_test_series",
    `Cannot parse native histogram: found ${JSON.stringify(text)}`,
    "Write it as in {{schema:1 count:3 sum:4.5 buckets:[1 2] offset:-1}}",
  );
}

function readNumber(text: string): number {
  const bare = text.toLowerCase().replace(/^[-+]/, "");
  const size = bare === "inf" ? Number.POSITIVE_INFINITY : Number(bare);
  return text.startsWith("-") ? -size : size;
}

function readNumbers(text: string): readonly number[] {
  return (text.match(/\S+/g) ?? []).map(readNumber);
}

function bucketMap(counts: readonly number[] = [], offset = 0): ReadonlyMap<number, number> {
  return withoutEmpty(counts.map((count, index) => [offset + index, count]));
}

function withoutEmpty(buckets: Iterable<readonly [number, number]>): ReadonlyMap<number, number> {
  return new Map([...buckets].filter(([, count]) => count !== 0).sort(([left], [right]) => left - right));
}

/** Whether the buckets of two histograms have the same bounds. */
export function hasSameLayout(left: NativeHistogram, right: NativeHistogram): boolean {
  return (
    left.schema === right.schema &&
    left.zeroThreshold === right.zeroThreshold &&
    left.customValues.join(" ") === right.customValues.join(" ")
  );
}

/** The sum of two histograms of the same layout. */
export function addHistograms(left: NativeHistogram, right: NativeHistogram): NativeHistogram {
  return {
    ...left,
    count: left.count + right.count,
    sum: left.sum + right.sum,
    zeroCount: left.zeroCount + right.zeroCount,
    positive: addBuckets(left.positive, right.positive),
    negative: addBuckets(left.negative, right.negative),
  };
}

function addBuckets(left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>) {
  const sums = new Map(left);
  for (const [index, count] of right) sums.set(index, (sums.get(index) ?? 0) + count);
  return withoutEmpty(sums);
}

/** Whether a counter that went from one histogram to the next, of the same layout, was reset between them. */
export function isCounterReset(from: NativeHistogram, to: NativeHistogram): boolean {
  if (to.count < from.count || to.zeroCount < from.zeroCount) return true;
  const hasFallen = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): boolean =>
    [...before].some(([index, count]) => (after.get(index) ?? 0) < count);
  return hasFallen(from.positive, to.positive) || hasFallen(from.negative, to.negative);
}

/** The same text for the same histogram, in the notation of tests. */
export function formatNativeHistogram(histogram: NativeHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, customValues, counterReset } = histogram;
  const fields: string[] = [];
  const numbers = { schema, count, sum, z_bucket: zeroCount, z_bucket_w: zeroThreshold };
  for (const [name, value] of Object.entries(numbers)) if (value !== 0) fields.push(`${name}:${value}`);
  if (customValues.length > 0) fields.push(`custom_values:[${customValues.join(" ")}]`);
  if (counterReset !== "unknown") fields.push(`counter_reset_hint:${counterReset}`);
  fields.push(...bucketFields("", histogram.positive), ...bucketFields("n_", histogram.negative));
  return `{{${fields.join(" ")}}}`;
}

/** A gap this wide is no histogram that somebody wrote down. */
const bucketCountMax = 10_000;

function bucketFields(prefix: string, buckets: ReadonlyMap<number, number>): readonly string[] {
  const indexes = [...buckets.keys()];
  const first = indexes[0];
  const last = indexes.at(-1);
  if (first === undefined || last === undefined) return [];
  const isWide = last - first >= bucketCountMax;
  const counts = isWide
    ? [...buckets].map(([index, count]) => `${index}=${count}`)
    : Array.from({ length: last - first + 1 }, (_, index) => buckets.get(first + index) ?? 0);
  return [...(first === 0 ? [] : [`${prefix}offset:${first}`]), `${prefix}buckets:[${counts.join(" ")}]`];
}
