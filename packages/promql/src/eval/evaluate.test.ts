import { labelsToObject, MemoryStore, type Queryable } from "@tatou/model";
import { storeOf } from "@tatou/model/testing";
import { describe, expect, test } from "vitest";
import {
  QueryCanceledError,
  QueryExecutionError,
  QueryLimitError,
  QueryNotSupportedError,
  QueryTimeoutError,
} from "../errors.ts";
import { parseExpr } from "../parser/parse-expr.ts";
import { evaluateInstant, evaluateRange } from "./evaluate.ts";
import type { EvaluationContext, QueryValue } from "./query-result.ts";

const minuteMs = 60_000;

/** Counters that rise by 60 a minute for ten minutes, of `count` instances. */
function counters(count: number, sampleCount = 11): MemoryStore {
  return storeOf(
    Array.from({ length: count }, (_, instance) => ({
      labels: { __name__: "requests_total", instance: String(instance), job: "api" },
      samples: Array.from({ length: sampleCount }, (_, index) => [index * minuteMs, index * 60] as const),
    })),
  );
}

async function ask(queryable: Queryable, query: string, timeMs: number): Promise<QueryValue> {
  return (await evaluateInstant({ queryable }, parseExpr(query), timeMs)).value;
}

describe("instant queries", () => {
  test("give vectors, scalars, strings and range vectors", async () => {
    const store = counters(1);
    const labels = [
      { name: "instance", value: "0" },
      { name: "job", value: "api" },
    ];
    expect(await ask(store, "rate(requests_total[5m])", 10 * minuteMs)).toEqual({
      kind: "vector",
      elements: [{ labels, timeMs: 10 * minuteMs, value: 1 }],
    });
    expect(await ask(store, "scalar(requests_total) + 1", minuteMs)).toEqual({
      kind: "scalar",
      timeMs: minuteMs,
      value: 61,
    });
    expect(await ask(store, '("text")', 5)).toEqual({ kind: "string", timeMs: 5, value: "text" });
    const matrix = await ask(store, "requests_total[2m] offset 1m", 3 * minuteMs);
    expect(matrix).toMatchObject({
      kind: "matrix",
      series: [{ timesMs: Float64Array.of(60_000, 120_000), values: Float64Array.of(60, 120) }],
    });
  });

  test("look back five minutes, the oldest end excluded, and stop at a staleness marker", async () => {
    const store = storeOf([
      { labels: { __name__: "a" }, samples: [[0, 1]] },
      {
        labels: { __name__: "b" },
        samples: [
          [0, 1],
          [minuteMs, "stale"],
        ],
      },
    ]);
    expect(await ask(store, "count(a)", 299_999)).toMatchObject({ elements: [{ value: 1 }] });
    expect(await ask(store, "count(a)", 300_000)).toMatchObject({ elements: [] });
    expect(await ask(store, "count(b)", minuteMs - 1)).toMatchObject({ elements: [{ value: 1 }] });
    expect(await ask(store, "count(b)", minuteMs)).toMatchObject({ elements: [] });
    expect(await ask(store, "count_over_time(b[1m])", minuteMs - 1)).toMatchObject({ elements: [{ value: 1 }] });
    expect(await ask(store, "count_over_time(b[1m])", minuteMs)).toMatchObject({ elements: [] });
  });
});

describe("range queries", () => {
  test("give sorted series without the points that are not there", async () => {
    const { value } = await evaluateRange({ queryable: counters(2) }, parseExpr("sort_desc(requests_total > 60)"), {
      startMs: 0,
      endMs: 3 * minuteMs + 1,
      stepMs: minuteMs,
    });
    expect(value.kind === "matrix" && value.series.map(({ labels }) => labelsToObject(labels)["instance"])).toEqual([
      "0",
      "1",
    ]);
    expect(value).toMatchObject({
      series: [{ timesMs: Float64Array.of(120_000, 180_000), values: Float64Array.of(120, 180) }, {}],
    });
  });

  test("evaluate what hangs on @ once, however many steps there are", async () => {
    const store = counters(3, 1000);
    let samplesRead = 0;
    const counting: Queryable = {
      ...{ labelNames: store.labelNames.bind(store), labelValues: store.labelValues.bind(store) },
      select: async (query, signal) => {
        const selection = await store.select(query, signal);
        return {
          ...selection,
          readSamples: (index, column) => {
            selection.readSamples(index, column);
            samplesRead += column.count;
          },
        };
      },
    };
    const expr = parseExpr("rate(requests_total[10m] @ end()) / 2");
    const { value } = await evaluateRange({ queryable: counting }, expr, {
      startMs: 0,
      endMs: 10_000_000,
      stepMs: 1000,
    });
    expect(samplesRead).toBe(3 * 10);
    expect(value.kind === "matrix" && value.series.every(({ values }) => values.every((one) => one === 0.5))).toBe(
      true,
    );
  });

  test.each([
    {
      query: "requests_total[5m]",
      error: 'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    },
    { query: '"a"', error: 'invalid expression type "string" for range query, must be Scalar or instant Vector' },
  ])("refuse $query", async ({ query, error }) => {
    const range = { startMs: 0, endMs: 1, stepMs: 1 };
    await expect(evaluateRange({ queryable: counters(1) }, parseExpr(query), range)).rejects.toThrow(error);
  });
});

describe("errors have Prometheus' words", () => {
  const store = storeOf([
    { labels: { __name__: "a", x: "1" }, samples: [[0, 1]] },
    { labels: { __name__: "b", x: "1" }, samples: [[0, 2]] },
    { labels: { __name__: "c", x: "1", y: "1" }, samples: [[0, 3]] },
    { labels: { __name__: "c", x: "1", y: "2" }, samples: [[0, 4]] },
  ]);
  test.each([
    ['abs({__name__=~"a|b"})', "vector cannot contain metrics with the same labelset"],
    ['-{__name__=~"a|b"}', "vector cannot contain metrics with the same labelset"],
    ["c + on(x) a", "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"],
    [
      "a + on(x) c",
      'found duplicate series for the match group {x="1"} on the right hand-side of the operation: [{__name__="c", x="1", y="1"}, {__name__="c", x="1", y="2"}];many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    [
      "c + on(x) group_right a",
      'found duplicate series for the match group {x="1"} on the left hand-side of the operation: [{__name__="c", x="1", y="1"}, {__name__="c", x="1", y="2"}];many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    ["c * on(x) group_left(y) a", "multiple matches for labels: grouping labels must ensure unique matches"],
    ['label_replace(a, "", "", "", "")', "invalid destination label name in label_replace(): "],
    ['label_replace(a, "x", "", "", "(")', "invalid regular expression in label_replace(): ("],
    ["topk(NaN, a)", "Parameter value is NaN"],
    ["topk(1e19, a)", "Scalar value 1e+19 overflows int64"],
    ['count_values("", a)', 'invalid label name ""'],
  ])("%s", async (query, message) => {
    const error: unknown = await ask(store, query, 0).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueryExecutionError);
    expect((error as QueryExecutionError).message).toBe(message);
    expect((error as QueryExecutionError).hint).not.toBe("");
  });

  test("functions of native histograms say that those are not supported", async () => {
    await expect(ask(store, "histogram_count(a)", 0)).rejects.toThrow(QueryNotSupportedError);
  });
});

describe("annotations", () => {
  test("are told once, with line and column in bytes", async () => {
    const store = storeOf([
      {
        labels: { __name__: "temperature" },
        samples: [
          [0, 1],
          [minuteMs, 2],
        ],
      },
      { labels: { __name__: "h_bucket", le: "x" }, samples: [[0, 1]] },
    ]);
    const query =
      'label_replace(vector(1), "é", "", "", "") and\n on() (rate(temperature[5m]) + rate(temperature[5m]))';
    const { infos } = await evaluateInstant({ queryable: store }, parseExpr(query), minuteMs);
    expect(infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (2:13)',
    ]);
    const { warnings } = await evaluateInstant({ queryable: store }, parseExpr('"é"'), 0);
    expect(warnings).toEqual([]);
    const quantile = await evaluateInstant({ queryable: store }, parseExpr("histogram_quantile(2, h_bucket)"), 0);
    expect(quantile.warnings).toEqual([
      'PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "h_bucket" (1:23)',
      "PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)",
    ]);
  });

  test("sum up what was wrong with a histogram's buckets", async () => {
    const store = storeOf(
      [
        ["1", 5],
        ["10", 4],
        ["100", 2.5],
        ["+Inf", 6],
      ].map(([le, value]) => ({
        labels: { __name__: "h_bucket", le: String(le) },
        samples: [
          [0, Number(value)],
          [minuteMs, Number(value)],
        ] as const,
      })),
    );
    const range = { startMs: 0, endMs: minuteMs, stepMs: minuteMs };
    const { infos } = await evaluateRange({ queryable: store }, parseExpr("histogram_quantile(0.5, h_bucket)"), range);
    expect(infos).toEqual([
      "PromQL info: input to histogram_quantile needed to be fixed for monotonicity " +
        "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), " +
        "from buckets 10 to 100, with a max diff of 2.5, over 2 samples " +
        "from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:25)",
    ]);
  });
});

describe("limits", () => {
  const expr = parseExpr("sum(rate(requests_total[5m]))");
  const range = { startMs: 0, endMs: 10 * minuteMs, stepMs: 1000 };

  test("11,000 steps are allowed, one more is not", async () => {
    const context = { queryable: counters(1) };
    const answer = await evaluateRange(context, parseExpr("1"), { startMs: 0, endMs: 11_000, stepMs: 1 });
    expect(answer.value).toMatchObject({ kind: "matrix", series: [{ values: { length: 11_001 } }] });
    const tooMany = evaluateRange(context, parseExpr("1"), { startMs: 0, endMs: 11_001, stepMs: 1 });
    await expect(tooMany).rejects.toThrow("exceeded maximum resolution of 11,000 points per timeseries");
    await expect(evaluateRange(context, parseExpr("1"), { startMs: 0, endMs: 1, stepMs: 0 })).rejects.toThrow(
      QueryLimitError,
    );
  });

  test("a query that needs too many samples ends with Prometheus' words", async () => {
    const context = { queryable: counters(20), samplesMax: 1000 };
    await expect(evaluateRange(context, expr, range)).rejects.toThrow(
      "query processing would load too many samples into memory in query execution",
    );
    await expect(evaluateRange({ ...context, samplesMax: 100_000 }, expr, range)).resolves.toBeDefined();
  });

  test("a subquery of three hundred years in milliseconds is refused at once", async () => {
    const started = performance.now();
    await expect(ask(counters(1), "max_over_time(requests_total[292y:1ms])", 0)).rejects.toThrow(QueryLimitError);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("a long evaluation lets others run, and ends when it is canceled", async () => {
    const controller = new AbortController();
    let turns = 0;
    const context: EvaluationContext = {
      queryable: counters(200, 200),
      signal: controller.signal,
      yieldTurn: async () => {
        if (++turns === 3) controller.abort(new Error("the client went away"));
      },
    };
    const heavy = evaluateRange(context, parseExpr("max_over_time(requests_total[1h])"), {
      startMs: 0,
      endMs: 200 * minuteMs,
      stepMs: 2000,
    });
    const error: unknown = await heavy.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueryCanceledError);
    expect(error).toMatchObject({
      message: "query was canceled in expression evaluation",
      cause: { message: "the client went away" },
    });
    expect(turns).toBe(3);
  });

  test("a signal that fires for a timeout gives Prometheus' timeout", async () => {
    const controller = new AbortController();
    const reason = new Error("2 minutes are over");
    reason.name = "TimeoutError";
    controller.abort(reason);
    const context = { queryable: counters(1), signal: controller.signal };
    await expect(evaluateInstant(context, parseExpr("1 + requests_total"), 0)).rejects.toThrow(QueryTimeoutError);
  });

  test("the deepest tree the parser lets through is evaluated", async () => {
    const query = `requests_total${" + requests_total".repeat(1400)}`;
    expect(await ask(counters(1), query, minuteMs)).toMatchObject({ elements: [{ value: 60 * 1401 }] });
  });
});

test("a selection is closed when the query fails", async () => {
  const store = counters(5);
  let openCount = 0;
  const tracked: Queryable = {
    ...{ labelNames: store.labelNames.bind(store), labelValues: store.labelValues.bind(store) },
    select: async (query, signal) => {
      const selection = await store.select(query, signal);
      openCount++;
      return { ...selection, close: () => void openCount-- };
    },
  };
  const failing = evaluateInstant({ queryable: tracked, samplesMax: 1 }, parseExpr("requests_total"), minuteMs);
  await expect(failing).rejects.toThrow(QueryLimitError);
  expect(openCount).toBe(0);
});
