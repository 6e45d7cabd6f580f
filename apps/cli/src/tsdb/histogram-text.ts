import { formatFloatG } from "@tatou/kernels";
import { type BucketSpan, customBucketsSchema, type Histogram } from "@tatou/model";

/** A histogram as Prometheus prints it: {count:5, sum:10.5, [-0.001,0.001]:1, (1,2]:4}; empty buckets are left out. */
export function histogramText(histogram: Histogram): string {
  const { count, sum, zeroCount, zeroThreshold } = histogram;
  const parts = [`count:${formatFloatG(count)}`, `sum:${formatFloatG(sum)}`];
  if (histogram.countKind === "integer") parts[0] = `count:${count}`;
  const negative = bucketTexts(histogram, "negative").toReversed();
  const zero = `[${formatFloatG(-zeroThreshold)},${formatFloatG(zeroThreshold)}]:${countText(histogram, zeroCount)}`;
  return `{${[...parts, ...negative, ...(zeroCount === 0 ? [] : [zero]), ...bucketTexts(histogram, "positive")].join(", ")}}`;
}

/** By distance from zero. */
function bucketTexts(histogram: Histogram, side: "positive" | "negative"): string[] {
  const isPositive = side === "positive";
  const spans = isPositive ? histogram.positiveSpans : histogram.negativeSpans;
  const counts = isPositive ? histogram.positiveBuckets : histogram.negativeBuckets;
  const texts: string[] = [];
  let position = 0;
  for (const index of bucketIndexes(spans)) {
    const count = counts[position++] ?? 0;
    if (count === 0) continue;
    const [lower, upper] = isPositive
      ? [boundOf(histogram, index - 1), boundOf(histogram, index)]
      : [-boundOf(histogram, index), -boundOf(histogram, index - 1)];
    const isCustom = histogram.schema === customBucketsSchema;
    const open = (isCustom ? index === 0 : lower < 0) ? "[" : "(";
    const close = isCustom || upper > 0 ? "]" : ")";
    texts.push(`${open}${formatFloatG(lower)},${formatFloatG(upper)}${close}:${countText(histogram, count)}`);
  }
  return texts;
}

function countText({ countKind }: Histogram, count: number): string {
  return countKind === "integer" ? String(count) : formatFloatG(count);
}

function* bucketIndexes(spans: readonly BucketSpan[]): Generator<number> {
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let inSpan = 0; inSpan < length; inSpan++) yield index++;
  }
}

/** The upper bound of a bucket on the positive side; Prometheus' table of them may differ in the last digit. */
function boundOf({ schema, customValues }: Histogram, index: number): number {
  if (schema === customBucketsSchema) {
    if (index < 0) return Number.NEGATIVE_INFINITY;
    return customValues[index] ?? Number.POSITIVE_INFINITY;
  }
  return powerOfTwo(index * 2 ** -schema);
}

/** Beyond the largest double there is that double, as observations are at most that. */
function powerOfTwo(exponent: number): number {
  const bound = 2 ** exponent;
  return bound === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : bound;
}
