/** Random histories: what a store answers is what a plain store in memory answers, restarts and maintenance included. */
import { type Labels, labelsKey, labelsOf, type Matcher, MemoryStore, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";

const hourMs = 3_600_000;

const labels = fc
  .record({ __name__: fc.constantFrom("a", "b"), job: fc.constantFrom("x", "y", ""), index: fc.nat(3).map(String) })
  .map((record) => labelsOf(record));
const value = fc.oneof(fc.double(), fc.integer({ min: 0, max: 5 }), fc.constant("stale" as const));
const sample = fc.record({ labels, offsetMs: fc.integer({ min: -20_000, max: 5000 }), value });
// One sample a series: what a second one in the same batch is answered with is up to the store.
const batch = (maxLength: number): fc.Arbitrary<{ labels: Labels; offsetMs: number; value: number | "stale" }[]> =>
  fc.uniqueArray(sample, { maxLength, selector: (item) => labelsKey(item.labels) });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("batch" as const), samples: batch(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rollback" as const), samples: batch(5) }) },
  // A run of regular samples fills chunks.
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("run" as const), labels, count: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tick" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("query" as const), fromMs: fc.nat(10 * hourMs), spanMs: fc.nat(hourMs) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("a store answers as a plain one does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const directory = temporaryDirectory();
      try {
        const { own, expected } = await play(steps, directory.path);
        expect(own).toEqual(expected);
      } finally {
        directory.remove();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a number under which a log knows a series goes to no other series", async () => {
  const directory = temporaryDirectory();
  const idle = labelsOf({ __name__: "a", index: "2" });
  const other = labelsOf({ __name__: "a", index: "0", job: "x" });
  const stale = { kind: "batch" as const, samples: [{ labels: idle, offsetMs: 0, value: "stale" as const }] };
  const steps: readonly Step[] = [
    { kind: "run", labels: idle, count: 236 },
    { kind: "run", labels: other, count: 488 },
    stale,
    { kind: "reopen" },
    { kind: "run", labels: labelsOf({ __name__: "b", index: "0", job: "x" }), count: 1 },
    { kind: "reopen" },
    { kind: "query", fromMs: 0, spanMs: 0 },
  ];
  try {
    const { own, expected } = await play(steps, directory.path);
    expect(own).toEqual(expected);
  } finally {
    directory.remove();
  }
});

/** What both stores answered to the same steps, in order. */
async function play(steps: readonly Step[], path: string): Promise<{ own: unknown[]; expected: unknown[] }> {
  const own: unknown[] = [];
  const expected: unknown[] = [];
  const clock = new VirtualClock(testBaseMs);
  // Retention is long enough that nothing expires: what maintenance may drop has a test of its own.
  const options = { clock, retentionMs: 1000 * hourMs, segmentSizeMaxBytes: 64 * 1024 };
  const model = new MemoryStore();
  let tsdb = await openTsdb(path, options);
  for (const current of [...steps, { kind: "query" as const, fromMs: 0, spanMs: 1000 * hourMs }]) {
    switch (current.kind) {
      case "batch":
      case "rollback": {
        const statuses = [tsdb, model].map((store) => {
          const appender = store.appender();
          const found = current.samples.map((item) => {
            const ref = appender.resolve(item.labels);
            const timestampMs = clock.nowMs() + item.offsetMs;
            if (item.value === "stale") return appender.appendStale(ref, timestampMs);
            return appender.append(ref, timestampMs, item.value);
          });
          if (current.kind === "batch") appender.commit();
          else appender.rollback();
          return found;
        });
        own.push(statuses[0]);
        expected.push(statuses[1]);
        await clock.advance(4000);
        break;
      }
      case "run":
        for (let index = 0; index < current.count; index++) {
          await clock.advance(15_000);
          for (const store of [tsdb, model]) {
            const appender = store.appender();
            appender.append(appender.resolve(current.labels), clock.nowMs(), index % 7 === 0 ? index / 3 : index >> 3);
            appender.commit();
          }
        }
        break;
      case "reopen":
        await tsdb.close();
        tsdb = await openTsdb(path, options);
        break;
      case "tick":
        await tsdb.tick(clock.nowMs());
        break;
      case "query":
        for (const matchers of selectors) {
          const minTimeMs = testBaseMs - hourMs + current.fromMs;
          const query = { matchers, minTimeMs, maxTimeMs: minTimeMs + current.spanMs };
          own.push(await readAll(tsdb, query));
          expected.push(await readAll(model, query));
        }
        break;
    }
  }
  await tsdb.close();
  return { own, expected };
}

const selectors: readonly (readonly Matcher[])[] = [
  [makeMatcher("__name__", "=~", "a|b")],
  [makeMatcher("__name__", "=", "a"), makeMatcher("job", "!=", "x")],
  [makeMatcher("job", "=", ""), makeMatcher("index", "=~", "[12]")],
  [makeMatcher("__name__", "!=", ""), makeMatcher("job", "!~", "x|"), makeMatcher("index", "!~", "0|3")],
];
