import { formatLabels, withoutLabels } from "@tatou/model";
import type { RuleTestFailure, TestAlert, TestSample } from "@tatou/rules";

/** Expected and got as lines to read and to compare. */
export interface FailureLines {
  readonly expected: readonly string[];
  readonly got: readonly string[];
}

export function failureLines(failure: Exclude<RuleTestFailure, { readonly kind: "error" }>): FailureLines {
  switch (failure.kind) {
    case "alerts":
      return { expected: failure.expected.flatMap(alertLines), got: failure.got.flatMap(alertLines) };
    case "samples":
      return { expected: failure.expected.map(sampleLine), got: failure.got.map(sampleLine) };
  }
}

/** The alert's name stands in the title. */
function alertLines({ labels, annotations }: TestAlert): readonly string[] {
  return [
    formatLabels(withoutLabels(labels, ["alertname"])),
    ...annotations.map(({ name, value }) => `  ${name}: ${JSON.stringify(value)}`),
  ];
}

function sampleLine({ labels, value, histogram }: TestSample): string {
  return `${formatLabels(labels)} ${histogram === "" ? numberText(value) : histogram}`;
}

/** Numbers as Prometheus' API writes those that JSON has not; all others as short as they stay the same. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return Object.is(value, -0) ? "-0" : String(value);
}
