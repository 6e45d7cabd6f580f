/**
 * Random histories of a head: floats and histograms, in order and late, restarts and crashes, chunks written to files, cuts
 * that become blocks. What the blocks and the head hold together is what a plain map holds.
 */
import {
  assert,
  type Histogram,
  isStaleMarker,
  type Labels,
  labelsKey,
  labelsOf,
  makeMatcher,
  newSampleColumn,
  type SampleColumn,
  VirtualClock,
} from "@tatou/model";
import { testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkDecoder } from "./chunk/chunk-decoder.ts";
import type { HeadCut } from "./head/head-cut.ts";
import { headCutStream } from "./head/head-cut-stream.ts";
import { HeadStore } from "./head-store.ts";
import { growingHistogram } from "./testing/histograms.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";

const hourMs = 3_600_000;
const rangeMs = 2 * hourMs;
const startMs = Math.ceil(testBaseMs / rangeMs) * rangeMs;

const series = fc.record({ name: fc.constantFrom("float", "histogram"), index: fc.nat(2) });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("run" as const), series, count: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("late" as const),
      series,
      count: fc.integer({ min: 1, max: 50 }),
      agoMs: fc.integer({ min: 1, max: 2 * hourMs }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stale" as const), series }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), durationMs: fc.nat(3 * hourMs) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("flush" as const, "cut" as const, "cutLate" as const, "reopen" as const, "crash" as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Value = number | string;

test("blocks and head together hold what was appended", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
      const directory = temporaryDirectory();
      const history = new History(directory.path);
      try {
        await history.open();
        for (const current of steps) await history.play(current);
        expect(await history.held()).toEqual(history.expected());
        await history.play({ kind: "reopen" });
        expect(await history.held()).toEqual(history.expected());
      } finally {
        await history.store.close();
        directory.remove();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

class History {
  store!: HeadStore;
  readonly #directory: string;
  readonly #clock = new VirtualClock(startMs);
  readonly #expected = new Map<string, Map<number, Value>>();
  readonly #blocks = new Map<string, Map<number, Value>>();
  #inBlocksBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(): Promise<void> {
    this.store = await HeadStore.open({
      directory: this.#directory,
      clock: this.#clock,
      memoryMaxBytes: 64 * 1024 * 1024,
      retentionMs: 1000 * hourMs,
      outOfOrderWindowMs: 3 * hourMs,
      minValidTimeMs: this.#inBlocksBeforeMs,
    });
  }

  async play(current: Step): Promise<void> {
    switch (current.kind) {
      case "run":
        for (let index = 0; index < current.count; index++) {
          await this.#clock.advance(15_000);
          this.#append(current.series, this.#clock.nowMs());
        }
        return;
      case "late":
        for (let index = 0; index < current.count; index++) {
          this.#append(current.series, this.#clock.nowMs() - current.agoMs + 777 * ((index * 7) % current.count));
        }
        return;
      case "stale":
        await this.#clock.advance(1000);
        this.#appendStale(current.series);
        return;
      case "pause":
        await this.#clock.advance(current.durationMs);
        return;
      case "flush":
        this.store.truncateBefore(Number.NEGATIVE_INFINITY);
        return;
      case "cut":
        return this.#cut();
      case "cutLate":
        return this.#cutLate();
      case "reopen":
        await this.store.close();
        return this.open();
      case "crash":
        // What was not closed is as after a kill: nothing is held back in the process.
        return this.open();
    }
  }

  expected(): unknown {
    return plain(this.#expected);
  }

  async held(): Promise<unknown> {
    const held = new Map([...this.#blocks].map(([key, samples]) => [key, new Map(samples)]));
    const query = { matchers: [makeMatcher("__name__", "!=", "")], minTimeMs: 0, maxTimeMs: 2 * startMs };
    const selection = await this.store.select(query);
    const column = newSampleColumn(16, { histograms: true });
    for (let index = 0; index < selection.seriesCount; index++) {
      selection.readSamples(index, column);
      for (let sample = 1; sample < column.count; sample++) {
        assert(column.timesMs[sample]! > column.timesMs[sample - 1]!, "times ascend");
      }
      put(held, selection.labelsAt(index), column);
    }
    selection.close();
    return plain(held);
  }

  #append({ name, index }: { name: string; index: number }, timeMs: number): void {
    const appender = this.store.appender();
    const labels = labelsOf({ __name__: name, index: String(index) });
    const ref = appender.resolve(labels);
    const step = Math.floor((timeMs - startMs) / 1000) + 20_000;
    const histogram = growingHistogram(step % 300);
    const value = name === "float" ? step / 8 : histogram;
    const status =
      typeof value === "number" ? appender.append(ref, timeMs, value) : appender.appendHistogram(ref, timeMs, value);
    appender.commit();
    if (status === 0) note(this.#expected, labels, timeMs, typeof value === "number" ? value : textOf(value));
  }

  #appendStale({ name, index }: { name: string; index: number }): void {
    const appender = this.store.appender();
    const labels = labelsOf({ __name__: name, index: String(index) });
    const status = appender.appendStale(appender.resolve(labels), this.#clock.nowMs());
    appender.commit();
    if (status === 0) note(this.#expected, labels, this.#clock.nowMs(), "stale");
  }

  #cut(): void {
    const { minTimeMs, maxTimeMs } = this.store;
    const endMs = Math.floor((Math.min(maxTimeMs, this.#clock.nowMs()) - hourMs) / rangeMs) * rangeMs;
    if (!(endMs > minTimeMs)) return;
    const cut = this.store.cut(minTimeMs, endMs);
    this.#addBlock(cut);
    this.store.truncateBefore(endMs);
    this.store.release(cut);
    this.#inBlocksBeforeMs = endMs;
  }

  #cutLate(): void {
    const cut = this.store.cutOutOfOrder();
    this.#addBlock(cut);
    this.store.truncateOutOfOrder(cut);
    this.store.release(cut);
  }

  #addBlock(cut: HeadCut): void {
    const stream = headCutStream(structuredClone(cut));
    const decoder = new ChunkDecoder();
    while (stream.next()) {
      for (const chunk of stream.chunks) {
        const column = newSampleColumn(16, { histograms: true });
        decoder.decodeInto(chunk, column);
        assert(column.timesMs[0] === chunk.minTimeMs, "a chunk begins when it says");
        assert(column.timesMs[column.count - 1] === chunk.maxTimeMs, "a chunk ends when it says");
        put(this.#blocks, stream.labels, column);
      }
    }
    stream.close();
  }
}

function put(held: Map<string, Map<number, Value>>, labels: Labels, column: SampleColumn): void {
  for (let index = 0; index < column.count; index++) {
    const histogram = column.histograms?.[index];
    const value = isStaleMarker(column.values, index)
      ? "stale"
      : histogram === undefined
        ? column.values[index]!
        : textOf(histogram);
    note(held, labels, column.timesMs[index]!, value);
  }
}

/** Values follow from times, but for the marks of staleness: of two samples of one time, any may stay. */
function note(held: Map<string, Map<number, Value>>, labels: Labels, timeMs: number, value: Value): void {
  const key = labelsKey(labels);
  const samples = held.get(key) ?? new Map<number, Value>();
  held.set(key, samples);
  if (!samples.has(timeMs)) samples.set(timeMs, value);
}

/** Without what depends on the neighbours: empty buckets at the end, and what is known of resets. */
function textOf({ count, sum, zeroCount, positiveBuckets }: Histogram): string {
  return JSON.stringify([count, sum, zeroCount, positiveBuckets.filter((bucket) => bucket > 0)]);
}

function plain(held: Map<string, Map<number, Value>>): unknown {
  const sorted = [...held].sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([key, samples]) => [key, [...samples].sort(([left], [right]) => left - right)]);
}
