import { monitorEventLoopDelay } from "node:perf_hooks";
import { createSystemClock, nodeYieldTurn } from "@tatou/http";
import { type Clock, type Queryable, VirtualClock } from "@tatou/model";
import { storeOf, testBaseMs } from "@tatou/model/testing";
import { describe, expect, test } from "vitest";
import { QueryService } from "./query-service.ts";

const store = storeOf([{ labels: { __name__: "up", job: "api" }, samples: [[testBaseMs, 1]] }]);

/** A store whose answers wait until they are let through. */
class GatedStore implements Queryable {
  readonly waiting: (() => void)[] = [];
  selectCount = 0;
  labelNames = store.labelNames.bind(store);
  labelValues = store.labelValues.bind(store);

  async select(...[query, signal]: Parameters<Queryable["select"]>): ReturnType<Queryable["select"]> {
    this.selectCount++;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    return store.select(query, signal);
  }

  async openOne(): Promise<void> {
    this.waiting.shift()?.();
    await nodeYieldTurn();
  }
}

function serviceOver(queryable: Queryable, clock: Clock, durations: number[] = []): QueryService {
  return new QueryService({
    queryable,
    clock,
    lookbackDeltaMs: 300_000,
    timeoutMs: 10_000,
    samplesMax: 50_000_000,
    concurrencyMax: 2,
    features: {},
    yieldTurn: nodeYieldTurn,
    onDone: (durationMs) => durations.push(durationMs),
  });
}

const newClock = (): VirtualClock => new VirtualClock(testBaseMs, nodeYieldTurn);
const ask = (service: QueryService, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  service.instant({ text: "up", ...more }, testBaseMs).then(
    ({ value }) => value.kind,
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("the places for queries", () => {
  test("so many at a time, the others in the order they came", async () => {
    const gated = new GatedStore();
    const service = serviceOver(gated, newClock());
    const answers: string[] = [];
    for (const name of ["a", "b", "c", "d"]) void ask(service).then(() => answers.push(name));
    await nodeYieldTurn();
    expect(gated.selectCount).toBe(2);
    for (let count = 1; count <= 4; count++) {
      await gated.openOne();
      expect(answers).toEqual(["a", "b", "c", "d"].slice(0, count));
    }
  });

  test("beyond 256 waiting ones, the next is refused at once", async () => {
    const gated = new GatedStore();
    const service = serviceOver(gated, newClock());
    const queries = Array.from({ length: 258 }, () => ask(service));
    await nodeYieldTurn();
    expect(await ask(service)).toBe("QueryQueueFullError: too many queries: 256 are waiting already");
    while (gated.waiting.length > 0) await gated.openOne();
    expect(new Set(await Promise.all(queries))).toEqual(new Set(["vector"]));
  });

  test("a query that fails gives its place back", async () => {
    const failing = new GatedStore();
    failing.select = () => Promise.reject(new Error("disk on fire"));
    const service = serviceOver(failing, newClock());
    for (let count = 0; count < 5; count++) expect(await ask(service)).toBe("Error: disk on fire");
  });
});

describe("the time of a query", () => {
  test("counts waiting, and says where it was up", async () => {
    const gated = new GatedStore();
    const clock = newClock();
    const durations: number[] = [];
    const service = serviceOver(gated, clock, durations);
    const running = [ask(service), ask(service)];
    const queued = ask(service, { timeoutMs: 3000 });
    const beyond = ask(service, { timeoutMs: 60_000 });
    await clock.advance(3000);
    expect(await queued).toBe("QueryTimeoutError: query timed out in query queue");
    await clock.advance(7000);
    while (gated.waiting.length > 0) await gated.openOne();
    expect(await Promise.all(running)).toEqual(
      Array(2).fill("QueryTimeoutError: query timed out in expression evaluation"),
    );
    expect(await beyond).toBe("QueryTimeoutError: query timed out in query queue");
    expect(durations).toEqual([3000, 10_000, 10_000, 10_000]);
  });

  test.each([0, -5])("of %d ms is over before it begins", async (timeoutMs) => {
    const gated = new GatedStore();
    expect(await ask(serviceOver(gated, newClock()), { timeoutMs })).toMatch(/^QueryTimeoutError/);
    expect(gated.selectCount).toBe(0);
  });
});

describe("a client that goes away", () => {
  test("gives up its place in the queue, which no place is lost to", async () => {
    const gated = new GatedStore();
    const service = serviceOver(gated, newClock());
    const running = [ask(service), ask(service)];
    const gone = new AbortController();
    const queued = [ask(service, { signal: gone.signal }), ask(service, { signal: gone.signal })];
    await nodeYieldTurn();
    gone.abort();
    const canceled = "QueryAbandonedError: query was canceled in query queue";
    expect(await Promise.all(queued)).toEqual([canceled, canceled]);
    for (let count = 0; count < 2; count++) await gated.openOne();
    expect(await Promise.all(running)).toEqual(["vector", "vector"]);
    const next = [ask(service), ask(service)];
    await nodeYieldTurn();
    expect(gated.selectCount).toBe(4);
    for (let count = 0; count < 2; count++) await gated.openOne();
    expect(await Promise.all(next)).toEqual(["vector", "vector"]);
  });

  test("ends its evaluation", async () => {
    const gated = new GatedStore();
    const gone = new AbortController();
    const query = ask(serviceOver(gated, newClock()), { signal: gone.signal });
    await nodeYieldTurn();
    gone.abort();
    await gated.openOne();
    expect(await query).toBe("QueryAbandonedError: query was canceled in expression evaluation");
  });

  test("before it was heard is not worked for", async () => {
    const gated = new GatedStore();
    expect(await ask(serviceOver(gated, newClock()), { signal: AbortSignal.abort() })).toMatch(/^QueryAbandonedError/);
    expect(gated.selectCount).toBe(0);
  });
});

describe("a heavy query in real time", () => {
  const heavy = storeOf(
    Array.from({ length: 200 }, (_, series) => ({
      labels: { __name__: "m", series: String(series) },
      samples: Array.from({ length: 720 }, (_, index) => [testBaseMs + index * 5000, index] as const),
    })),
  );
  const range = { startMs: testBaseMs, endMs: testBaseMs + 3_600_000, stepMs: 1000 };
  const text = "sum by (series) (rate(m[10m])) / ignoring(series) group_left sum(rate(m[10m]))";

  test("leaves room for others, and ends soon after its time", async () => {
    const service = serviceOver(heavy, createSystemClock());
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    const startedMs = performance.now();
    await expect(service.range({ text, timeoutMs: 300 }, range)).rejects.toThrow(
      "query timed out in expression evaluation",
    );
    loop.disable();
    const longestMs = loop.max / 1e6;
    console.log(`heavy query: the event loop was held for at most ${longestMs.toFixed(0)} ms`);
    expect(longestMs).toBeLessThan(1500);
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
