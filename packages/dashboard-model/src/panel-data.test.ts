import { describe, expect, test } from "vitest";
import {
  alignFrames,
  displayValue,
  panelData,
  panelQueries,
  parseDashboard,
  placeRows,
  type QueryAnswer,
  readDashboard,
  reducePanel,
} from "./index.ts";

function answer(fields: Partial<QueryAnswer> & { data: unknown }): QueryAnswer {
  return { refId: "A", expression: "up", legendFormat: "", asTable: false, ...fields };
}

function panelOf(panel: object) {
  const read = readDashboard({ title: "t", panels: [{ id: 1, type: "timeseries", ...panel }] }).rows[0]?.panels[0];
  if (read === undefined) throw new Error("no panel was read");
  return read;
}

const matrix = {
  resultType: "matrix",
  result: [
    {
      metric: { job: "api", severity: "high" },
      values: [
        [10, "1"],
        [20, "2"],
        [50, "NaN"],
        [60, "+Inf"],
      ],
    },
    {
      metric: { job: "api", severity: "low" },
      values: [
        [10, "5"],
        [60, "7"],
      ],
    },
  ],
};
const vector = {
  resultType: "vector",
  result: [
    { metric: { alertname: "B", severity: "high" }, value: [60, "1"] },
    { metric: { alertname: "A" }, value: [60, "3"] },
  ],
};

describe("series", () => {
  test.each([
    { legendFormat: "{{severity}} of {{job}}", names: ["high of api", "low of api"] },
    { legendFormat: "", names: ['{job="api", severity="high"}', '{job="api", severity="low"}'] },
    { legendFormat: "__auto", names: ["high", "low"] },
    { legendFormat: "{{nope}}", names: ["nope", "nope"] },
  ])("legend $legendFormat", ({ legendFormat, names }) => {
    const { frames } = panelData(panelOf({}), [answer({ data: matrix, legendFormat })], new Map());
    expect(frames.map((frame) => frame.fields[1]?.displayName)).toEqual(names);
  });

  test("a missing step is a gap, and a sample that only another series has is none", () => {
    const { frames } = panelData(
      panelOf({}),
      [answer({ data: matrix, legendFormat: "{{severity}}", stepMs: 10_000 })],
      new Map(),
    );
    const { timesMs, columns } = alignFrames(frames);
    expect(timesMs).toEqual([10_000, 20_000, 30_000, 50_000, 60_000]);
    expect(columns[0]?.values).toEqual([1, 2, null, null, Infinity]);
    expect(columns[1]?.values).toEqual([5, null, undefined, undefined, 7]);
  });

  test("overrides by name, pattern and query change the configuration in their order", () => {
    const fieldConfig = {
      defaults: { unit: "short", custom: { lineWidth: 1 } },
      overrides: [
        {
          matcher: { id: "byRegexp", options: "/^h/" },
          properties: [
            { id: "unit", value: "s" },
            { id: "custom.lineWidth", value: 3 },
          ],
        },
        {
          matcher: { id: "byName", options: "low" },
          properties: [{ id: "displayName", value: "Low of ${__field.labels.job}" }],
        },
        { matcher: { id: "byFrameRefID", options: "A" }, properties: [{ id: "decimals", value: 1 }] },
      ],
    };
    const { frames } = panelData(
      panelOf({ fieldConfig }),
      [answer({ data: matrix, legendFormat: "{{severity}}" })],
      new Map(),
    );
    const [high, low] = frames.map((frame) => frame.fields[1]);
    expect([high?.config.unit, high?.config.custom.lineWidth, high?.config.decimals]).toEqual(["s", 3, 1]);
    expect([low?.config.unit, low?.displayName]).toEqual(["short", "Low of api"]);
  });
});

describe("tables", () => {
  const target = answer({ data: vector, asTable: true });
  const columnsOf = (transformations: object[], answers: QueryAnswer[] = [target]) => {
    const { frames } = panelData(panelOf({ type: "table", transformations }), answers, new Map());
    return Object.fromEntries((frames[0]?.fields ?? []).map((field) => [field.displayName, field.values]));
  };

  test("labels become columns", () => {
    expect(columnsOf([])).toEqual({
      Time: [60_000, 60_000],
      alertname: ["B", "A"],
      severity: ["high", ""],
      Value: [1, 3],
    });
  });

  test("organize leaves out, orders and renames; sortBy sorts", () => {
    const organized = columnsOf([
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          indexByName: { Value: 0, alertname: 1 },
          renameByName: { alertname: "Alert" },
        },
      },
      { id: "sortBy", options: { sort: [{ field: "Alert" }] } },
    ]);
    expect(organized).toEqual({ Value: [3, 1], Alert: ["A", "B"], severity: ["", "high"] });
    expect(Object.keys(organized)).toEqual(["Value", "Alert", "severity"]);
  });

  test("merge joins the rows of two queries that agree on what they share", () => {
    const more = {
      ...target,
      refId: "B",
      data: { resultType: "vector", result: [{ metric: { alertname: "A" }, value: [60, "9"] }] },
    };
    expect(columnsOf([{ id: "merge", options: {} }], [target, more])).toEqual({
      Time: [60_000, 60_000],
      alertname: ["B", "A"],
      severity: ["high", ""],
      "Value #A": [1, 3],
      "Value #B": [null, 9],
    });
  });

  test("groupBy, reduce, calculateField and filterFieldsByName", () => {
    const grouped = columnsOf([
      {
        id: "groupBy",
        options: {
          fields: { severity: { operation: "groupby" }, Value: { operation: "aggregate", aggregations: ["sum"] } },
        },
      },
    ]);
    expect(grouped).toEqual({ severity: ["high", ""], "Value (sum)": [1, 3] });
    expect(columnsOf([{ id: "reduce", options: { reducers: ["max"] } }])).toEqual({ Field: ["Value"], Max: [3] });
    const calculated = columnsOf([
      {
        id: "calculateField",
        options: { mode: "binary", alias: "twice", binary: { left: "Value", operator: "*", right: "2" } },
      },
      { id: "filterFieldsByName", options: { include: { names: ["twice"] } } },
    ]);
    expect(calculated).toEqual({ twice: [2, 6] });
  });

  test("labelsToFields turns series into rows", () => {
    const { frames } = panelData(
      panelOf({ type: "table", transformations: [{ id: "labelsToFields", options: {} }] }),
      [answer({ data: vector })],
      new Map(),
    );
    expect(frames[0]?.fields.map((field) => [field.displayName, field.values])).toEqual([
      ["Time", [60_000, 60_000]],
      ["alertname", ["B", "A"]],
      ["severity", ["high", null]],
      ["Value", [1, 3]],
    ]);
  });
});

test("a stat shows one value for each series, coloured and worded by its thresholds and mappings", () => {
  const panel = panelOf({
    type: "stat",
    fieldConfig: {
      defaults: {
        thresholds: {
          mode: "absolute",
          steps: [
            { value: null, color: "#111111" },
            { value: 3, color: "#222222" },
          ],
        },
        mappings: [{ type: "value", options: { "1": { text: "UP" } } }],
      },
    },
  });
  const { frames } = panelData(panel, [answer({ data: vector, legendFormat: "{{alertname}}" })], new Map());
  if (panel.view.kind !== "stat") throw new Error("not read as a stat");
  const values = reducePanel(frames, panel.view.stat.reduce, 0);
  expect(values.map((one) => [one.name, one.shown.text, one.shown.color])).toEqual([
    ["B", "UP", "#111111"],
    ["A", "3", "#222222"],
  ]);
  expect(displayValue({ kind: "number", config: { ...panel.fieldConfig.defaults, noValue: "none" } }, null).text).toBe(
    "none",
  );
});

test("the queries of a panel carry its variables, step and data source", () => {
  const panel = panelOf({
    datasource: { uid: "${ds}" },
    targets: [
      { refId: "A", expr: "rate(x[$__rate_interval])" },
      { refId: "B", expr: "increase(x[$__range])", instant: true, format: "table" },
      { refId: "C", expr: "hidden", hide: true },
    ],
  });
  const range = { minTimeMs: 1_000_003, maxTimeMs: 4_600_003 };
  const scope = new Map([["ds", { values: ["prometheus"], text: "Prometheus", many: false }]]);
  const queries = panelQueries(panel, { range, scope, widthPixels: 600, scrapeIntervalMs: 10_000 });
  expect(queries).toMatchObject([
    {
      expression: "rate(x[40s])",
      datasource: "prometheus",
      time: { kind: "range", minTimeMs: 1_000_000, maxTimeMs: 4_600_000, stepMs: 10_000 },
    },
    { expression: "increase(x[3600s])", asTable: true, time: { kind: "instant", timeMs: 4_600_003 } },
  ]);
  expect(queries).toHaveLength(2);
});

test("a repeated panel stands once for each value, side by side, and pushes down what follows", () => {
  const dashboard = readDashboard({
    panels: [
      { id: 1, type: "stat", repeat: "job", maxPerRow: 2, gridPos: { x: 0, y: 0, w: 24, h: 4 } },
      { id: 2, type: "stat", gridPos: { x: 0, y: 4, w: 24, h: 4 } },
    ],
  });
  const placed = placeRows(dashboard.rows, new Map([["job", { values: ["a", "b", "c"], text: "", many: true }]]));
  expect(
    placed[0]?.panels.map(({ panel: { grid }, scope }) => [grid.x, grid.y, grid.w, scope.get("job")?.values[0]]),
  ).toEqual([
    [0, 0, 12, "a"],
    [12, 0, 12, "b"],
    [0, 4, 12, "c"],
    [0, 8, 24, "a"],
  ]);
});

test.each([
  { text: "{", found: "Cannot read dashboard" },
  { text: "[]", found: "found a list" },
  { text: '{"a":1}', found: "an object with a" },
  { text: '{"spec":{"elements":{}}}', found: "schema v2" },
])("$text is refused", ({ text, found }) => {
  expect(() => parseDashboard(text)).toThrow(found);
});

test("keys that reach for prototypes change nothing", () => {
  const properties = [{ id: "custom.__proto__.polluted", value: 1 }];
  const fieldConfig = { overrides: [{ matcher: { id: "byName", options: "x" }, properties }] };
  const { frames } = panelData(panelOf({ fieldConfig }), [answer({ data: vector, legendFormat: "x" })], new Map());
  expect(frames[0]?.fields[1]?.config.custom.polluted).toBeUndefined();
});
