import { Counter, Histogram, type Registry } from "prom-client";

export type WatermarkOperation = "create" | "read";

/** How each operation can end: the values of the label `result`. */
export const watermarkResults = {
  create: ["done", "not_applicable", "refused", "failed"],
  read: ["done", "secret_not_found", "invalid_key", "disagreement", "refused", "failed"],
} as const satisfies Record<WatermarkOperation, readonly string[]>;

type Results = typeof watermarkResults;

/** An operation under way; `end` is called once. */
export interface WatermarkTiming<O extends WatermarkOperation> {
  readonly end: (result: Results[O][number]) => void;
}

export interface WatermarkMetricsOptions {
  readonly registry: Registry;
  /** The names of the registered methods, a closed set. */
  readonly methods: readonly string[];
  readonly monotonicMs: () => number;
}

/** From a mark in the file's tail to all layers of a long document, with the wait for a free worker. */
const durationBucketsSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const operations = ["create", "read"] as const;

/** Counts and times the marks that are made and read. */
export class WatermarkMetrics {
  readonly #monotonicMs: () => number;
  readonly #operations: Counter;
  readonly #durations: Histogram;

  constructor({ registry, methods, monotonicMs }: WatermarkMetricsOptions) {
    this.#monotonicMs = monotonicMs;
    this.#operations = new Counter({
      name: "watermark_operations_total",
      help: "Watermarks made and read, by how it ended",
      labelNames: ["operation", "method", "result"],
      registers: [registry],
    });
    this.#durations = new Histogram({
      name: "watermark_duration_seconds",
      help: "Time to make or read a watermark, the wait for a worker included",
      labelNames: ["operation", "method"],
      buckets: durationBucketsSeconds,
      registers: [registry],
    });
    for (const method of methods) {
      for (const operation of operations) {
        this.#durations.zero({ operation, method });
        for (const result of watermarkResults[operation]) this.#operations.inc({ operation, method, result }, 0);
      }
    }
  }

  start<O extends WatermarkOperation>(operation: O, method: string): WatermarkTiming<O> {
    const startedMs = this.#monotonicMs();
    return {
      end: (result) => {
        this.#operations.inc({ operation, method, result });
        this.#durations.observe({ operation, method }, (this.#monotonicMs() - startedMs) / 1_000);
      },
    };
  }
}
