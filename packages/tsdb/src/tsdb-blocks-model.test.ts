/**
 * Random histories over many blocks: what was acknowledged is there, once, until it is deleted, whatever is compacted,
 * cleaned and restarted in between.
 */
import { appendStatus, labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, type TestSeries, testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";

const minuteMs = 60_000;
/** Forty histories take half a minute. */
const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
const seriesCount = 3;
const everything = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: 0, maxTimeMs: 2 * testBaseMs };

const series = fc.nat(seriesCount - 1);
const step = fc.oneof(
  // Samples each minute; some series pause.
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      minutes: fc.integer({ min: 1, max: 150 }),
      pausing: fc.array(series, { maxLength: 2 }),
    }),
  },
  // Samples of before, in any order.
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("late" as const),
      samples: fc.array(fc.record({ series, agoMs: fc.nat(200 * minuteMs) }), { minLength: 1, maxLength: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("delete" as const),
      series,
      agoMinutes: fc.nat(600),
      minutes: fc.nat(300),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reopen" as const, "clean" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("check" as const) }) },
);
/** As usual, and so short that chunks go on beyond the end of a block. */
const anyBlockMinutes = fc.constantFrom(120, 40);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("what was acknowledged is there, once, until it is deleted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), anyBlockMinutes, async (steps, blockMinutes) => {
      const directory = temporaryDirectory();
      const history = new History(directory.path, blockMinutes * minuteMs);
      try {
        await history.play(steps);
        expect(history.found).toEqual(history.expected);
        const sound = { compactionFailures: 0, maintenanceFailures: 0, blockTroubles: [] };
        expect(history.tsdb!.stats()).toMatchObject(sound);
      } finally {
        await history.tsdb?.close();
        directory.remove();
      }
    }),
    // A history takes half a second: looking for a shorter one that fails, too, would take minutes.
    { numRuns: isPatient ? 40 : 4, endOnFailure: true },
  );
}, 120_000);

class History {
  tsdb: Tsdb | null = null;
  /** What the store answered at each check, and what it should have. */
  readonly found: unknown[] = [];
  readonly expected: unknown[] = [];
  readonly #path: string;
  readonly #minBlockDurationMs: number;
  readonly #clock = new VirtualClock(testBaseMs);
  readonly #deleted: { series: number; minTimeMs: number; maxTimeMs: number }[] = [];
  readonly #model = Array.from({ length: seriesCount }, () => new Map<number, number>());

  constructor(path: string, minBlockDurationMs: number) {
    this.#path = path;
    this.#minBlockDurationMs = minBlockDurationMs;
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.#open();
    for (const current of steps) await this.#do(current);
    // Long enough for all of it to become blocks of several levels.
    await this.#run(430, []);
    await this.#check();
    await this.#open();
    await this.#check();
  }

  async #do(current: Step): Promise<void> {
    switch (current.kind) {
      case "run":
        return this.#run(current.minutes, current.pausing);
      case "late":
        return this.#append(
          current.samples.map(({ series, agoMs }) => ({ series, timeMs: this.#clock.nowMs() - 1 - agoMs })),
        );
      case "delete":
        return this.#delete(current);
      case "reopen":
        return this.#open();
      case "clean":
        return this.tsdb!.cleanTombstones();
      case "check":
        return this.#check();
    }
  }

  async #open(): Promise<void> {
    await this.tsdb?.close();
    const minBlockDurationMs = this.#minBlockDurationMs;
    const options = {
      clock: this.#clock,
      minBlockDurationMs,
      outOfOrderWindowMs: 180 * minuteMs,
      segmentSizeMaxBytes: 256 * 1024,
    };
    this.tsdb = await openTsdb(this.#path, options);
  }

  async #run(minutes: number, pausing: readonly number[]): Promise<void> {
    const running = [0, 1, 2].filter((index) => !pausing.includes(index));
    for (let minute = 0; minute < minutes; minute++) {
      this.#append(running.map((index) => ({ series: index, timeMs: this.#clock.nowMs() })));
      await this.#clock.advance(minuteMs);
    }
  }

  #append(samples: readonly { series: number; timeMs: number }[]): void {
    const appender = this.tsdb!.appender();
    for (const { series: index, timeMs } of samples) {
      const known = this.#model[index]!;
      // What comes late into a stretch that was deleted is deleted, as in Prometheus.
      if (known.has(timeMs) || this.#isDeleted(index, timeMs)) continue;
      const ref = appender.resolve(labelsOf({ __name__: "m", index: String(index) }));
      const value = known.size + index / 4;
      if (appender.append(ref, timeMs, value) === appendStatus.ok) known.set(timeMs, value);
    }
    appender.commit();
  }

  async #delete({ series: index, agoMinutes, minutes }: { series: number; agoMinutes: number; minutes: number }) {
    const minTimeMs = this.#clock.nowMs() - agoMinutes * minuteMs;
    const maxTimeMs = minTimeMs + minutes * minuteMs;
    await this.tsdb!.deleteSamples({ matchers: [makeMatcher("index", "=", String(index))], minTimeMs, maxTimeMs });
    this.#deleted.push({ series: index, minTimeMs, maxTimeMs: Math.min(maxTimeMs, this.#clock.nowMs() - 1) });
    const known = this.#model[index]!;
    for (const timeMs of known.keys()) if (timeMs >= minTimeMs && timeMs <= maxTimeMs) known.delete(timeMs);
  }

  #isDeleted(index: number, timeMs: number): boolean {
    return this.#deleted.some(
      ({ series: deleted, minTimeMs, maxTimeMs }) => deleted === index && timeMs >= minTimeMs && timeMs <= maxTimeMs,
    );
  }

  async #check(): Promise<void> {
    const expected = this.#model.flatMap((samples, index): TestSeries[] => {
      const sorted = [...samples].sort(([left], [right]) => left - right);
      return sorted.length === 0 ? [] : [{ labels: { __name__: "m", index: String(index) }, samples: sorted }];
    });
    this.expected.push(expected);
    this.found.push(await readAll(this.tsdb!, everything));
  }
}
