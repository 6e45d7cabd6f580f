import { formatFloatG } from "@tatou/kernels";
import type { TestSeries, TestValue } from "@tatou/model/testing";

/** Samples as `promtool tsdb dump` prints them, a line each. */
export function dumpLines({ labels, samples }: TestSeries): string[] {
  return samples.map(([timeMs, value]) => `{${labelsText(labels)}} ${valueText(value)} ${timeMs}`);
}

export function labelsText(labels: TestSeries["labels"]): string {
  return Object.entries(labels)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ");
}

export function valueText(value: TestValue): string {
  return value === "stale" ? "NaN" : formatFloatG(value);
}
