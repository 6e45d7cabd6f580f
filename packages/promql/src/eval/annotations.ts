import { formatFloatG } from "@tatou/kernels";
import { quote } from "@tatou/model";
import type { SourceSpan } from "../parser/ast.ts";

/** Warnings and infos of one query. The same message is told once, with the place it came from first. */
export class Annotations {
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();
  readonly #monotonicity = new Map<string, MonotonicityFinding>();

  warn(message: string, span: SourceSpan): void {
    addOnce(this.#warnings, `PromQL warning: ${message}`, span);
  }

  inform(message: string, span: SourceSpan): void {
    addOnce(this.#infos, `PromQL info: ${message}`, span);
  }

  /** Findings about one metric are summed up over all steps. */
  informMonotonicity(metricName: string, finding: MonotonicityFinding): void {
    const earlier = this.#monotonicity.get(metricName);
    this.#monotonicity.set(metricName, earlier === undefined ? finding : mergeFindings(earlier, finding));
  }

  warnings(): readonly string[] {
    return [...this.#warnings.values()].sort();
  }

  infos(): readonly string[] {
    const findings = [...this.#monotonicity].map(([name, finding]) => describeMonotonicity(name, finding));
    return [...this.#infos.values(), ...findings].sort();
  }
}

function addOnce(messages: Map<string, string>, message: string, span: SourceSpan): void {
  if (!messages.has(message)) messages.set(message, message + describePlace(span));
}

function describePlace(span: SourceSpan): string {
  return ` (${span.line}:${span.column})`;
}

/** Buckets of a classic histogram whose counts decreased and had to be raised. */
export interface MonotonicityFinding {
  readonly span: SourceSpan;
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
  readonly sampleCount: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

function mergeFindings(first: MonotonicityFinding, second: MonotonicityFinding): MonotonicityFinding {
  return {
    span: first.span,
    minBucket: Math.min(first.minBucket, second.minBucket),
    maxBucket: Math.max(first.maxBucket, second.maxBucket),
    maxDifference: Math.max(first.maxDifference, second.maxDifference),
    sampleCount: first.sampleCount + second.sampleCount,
    minTimeMs: Math.min(first.minTimeMs, second.minTimeMs),
    maxTimeMs: Math.max(first.maxTimeMs, second.maxTimeMs),
  };
}

function describeMonotonicity(metricName: string, finding: MonotonicityFinding): string {
  const link = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile";
  const name = metricName === "" ? "" : ` for metric name ${quote(metricName)}`;
  return (
    `PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see ${link})${name}, ` +
    `from buckets ${formatFloatG(finding.minBucket)} to ${formatFloatG(finding.maxBucket)}, ` +
    `with a max diff of ${formatTwoDigits(finding.maxDifference)}, over ${finding.sampleCount} samples ` +
    `from ${formatTime(finding.minTimeMs)} to ${formatTime(finding.maxTimeMs)}${describePlace(finding.span)}`
  );
}

/** As %.2g prints. */
function formatTwoDigits(value: number): string {
  return formatFloatG(Number(value.toPrecision(2)));
}

function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}
