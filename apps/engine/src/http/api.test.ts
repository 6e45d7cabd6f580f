import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadOpenApi } from "../../../../tests/lib/openapi.ts";
import { EngineBench } from "../testing/engine-bench.ts";
import { RecordingAlertmanager } from "../testing/recording-alertmanager.ts";

const config = `
global: { scrape_interval: 10s, evaluation_interval: 10s, external_labels: { site: lab } }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["am:9093"] }] }] }
scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["app:1", "gone:1"] }]
    relabel_configs:
      - { source_labels: [__address__], regex: "gone.*", action: drop }
  - job_name: down
    basic_auth: { username: me, password: hunter2 }
    static_configs: [{ targets: ["down:1"], labels: { team: "<script>alert(1)</script>" } }]
`;
const rules = `
groups:
  - name: first
    rules:
      - { record: "job:up:sum", expr: sum by (job) (up) }
      - alert: Down
        expr: up == 0
        for: 20s
        labels: { severity: high }
        annotations: { summary: "{{ $labels.instance }} is down" }
  - name: second
    interval: 30s
    rules:
      - { alert: Always, expr: vector(1.5) }
      - { record: "broken", expr: "up + on() group_left up" }
`;
const exposition = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{path="/a",code="200"} 5
requests_total{path="/b",code="500"} 7
# TYPE temperature gauge
temperature NaN
`;

const bench = new EngineBench();
beforeAll(async () => {
  bench.serve("app:1", () => exposition);
  bench.handlers.set("am:9093", new RecordingAlertmanager().handle);
  await bench.start({ config, files: { "rules.yml": rules } });
  await bench.clock.advance(125_000);
});
afterAll(() => bench.close());

const openApi = loadOpenApi("openapi_3.1.yaml");
describe.skipIf(openApi === null)(
  `answers as openapi_3.1.yaml says${openApi === null ? " (skipped: conformance absent)" : ""}`,
  () => {
    test.each([
      { path: "/query", query: "query=up" },
      { path: "/query", query: "query=up[1m]" },
      { path: "/query", query: "query=1" },
      { path: "/query", query: "query=temperature" },
      { path: "/query", query: "query=up&limit=1" },
      { path: "/query", query: "query=rate(temperature[1m])" },
      { path: "/query", query: "query=nothing" },
      { path: "/query", query: "query=sum(", status: 400 },
      { path: "/query", query: "query=up%2Bon()group_left%20up", status: 422 },
      { path: "/query", query: "query=up&timeout=0", status: 503 },
      { path: "/query_range", query: "query=up&start=1767614400&end=1767614500&step=15" },
      { path: "/query_range", query: "", status: 400 },
      { path: "/query", query: "query=up&stats=all" },
      { path: "/query_exemplars", query: "query=up&start=1767614400&end=1767614500" },
      { path: "/query_exemplars", query: "query=sum(", status: 400 },
      { path: "/format_query", query: "query=sum(up)by(job)" },
      { path: "/format_query", query: "query=sum(", status: 400 },
      { path: "/series", query: "match[]=up&match[]=requests_total" },
      { path: "/series", query: "", status: 400 },
      { path: "/labels", query: "" },
      { path: "/labels", query: "match[]=up&limit=1" },
      { path: "/label/{name}/values", real: "/label/job/values", query: "" },
      { path: "/targets", query: "" },
      { path: "/targets", query: "state=dropped" },
      { path: "/targets/metadata", query: "" },
      { path: "/metadata", query: "" },
      { path: "/scrape_pools", query: "" },
      { path: "/rules", query: "" },
      { path: "/rules", query: "group_limit=1" },
      { path: "/rules", query: "type=nonsense", status: 400 },
      { path: "/alerts", query: "" },
      { path: "/alertmanagers", query: "" },
      { path: "/status/config", query: "" },
      { path: "/status/flags", query: "" },
      { path: "/status/buildinfo", query: "" },
      { path: "/status/runtimeinfo", query: "" },
      { path: "/status/tsdb", query: "" },
      { path: "/status/tsdb/blocks", query: "" },
      { path: "/status/walreplay", query: "" },
    ])("GET $path?$query", async ({ path, real, query, status = 200 }) => {
      const answer = await bench.get(`/api/v1${real ?? path}?${query}`);
      expect(answer.status).toBe(status);
      expect(answer.headers["content-type"]).toMatch(/^application\/json/);
      expect(openApi!.problems({ path, method: "get", status: answer.status }, JSON.parse(answer.text))).toEqual([]);
    });

    test.each(["query=up", "query=sum("])("POST /query with %s", async (form) => {
      const answer = await bench.request("POST", "/api/v1/query", form);
      expect(
        openApi!.problems({ path: "/query", method: "post", status: answer.status }, JSON.parse(answer.text)),
      ).toEqual([]);
    });
  },
);

describe("queries", () => {
  test.each(["query?query=up", "query_range?query=up&start=1767614460&end=1767614520&step=15"])(
    "%s says what it cost when it is asked to",
    async (path) => {
      const without = await bench.data<{ stats?: unknown }>(`/api/v1/${path}&stats=`);
      expect(without.stats).toBeUndefined();
      const { stats } = await bench.data<{ stats: { timings: object; samples: object } }>(`/api/v1/${path}&stats=1`);
      expect(Object.keys(stats.timings)).toEqual([
        ...["evalTotalTime", "resultSortTime", "queryPreparationTime", "innerEvalTime"],
        ...["execQueueTime", "execTotalTime"],
      ]);
      const samples = path.startsWith("query_range") ? 10 : 2;
      expect(stats.samples).toEqual({ totalQueryableSamples: samples, peakSamples: expect.any(Number) });
    },
  );

  test("there are no exemplars", async () => {
    expect(await bench.data("/api/v1/query_exemplars?query=sum(rate(up[5m]))")).toEqual([]);
    expect(await bench.get("/api/v1/query_exemplars?query=1")).toMatchObject({ status: 204, text: "" });
    expect(JSON.parse((await bench.get("/api/v1/query_exemplars?query=up&start=2&end=1")).text)).toEqual({
      status: "error",
      errorType: "bad_data",
      error: "end timestamp must not be before start timestamp",
    });
  });

  test("an instant query has the values of the last scrape", async () => {
    expect(await bench.query("requests_total")).toEqual([
      'requests_total{code="200",instance="app:1",job="app",path="/a"} 5',
      'requests_total{code="500",instance="app:1",job="app",path="/b"} 7',
    ]);
    expect(await bench.query("temperature")).toEqual(['temperature{instance="app:1",job="app"} NaN']);
    expect(await bench.query("job:up:sum")).toEqual(['job:up:sum{job="app"} 1', 'job:up:sum{job="down"} 0']);
  });

  test("time is a parameter, in seconds or RFC 3339", async () => {
    for (const time of ["1767614460.5", "2026-01-05T12:01:00.5Z"]) {
      const data = await bench.data(`/api/v1/query?query=time()&time=${time}`);
      expect(data).toEqual({ resultType: "scalar", result: [1767614460.5, "1767614460.5"] });
    }
  });

  test("a range query gives a value per step, both ends included", async () => {
    const data = await bench.data<{ result: { values: [number, string][] }[] }>(
      "/api/v1/query_range?query=up{job='app'}&start=1767614430&end=1767614490&step=20s",
    );
    expect(data.result).toHaveLength(1);
    expect(data.result[0]!.values.map(([time]) => time)).toEqual([1767614430, 1767614450, 1767614470, 1767614490]);
  });

  test("exactly 11,000 steps are answered", async () => {
    const { status } = await bench.get("/api/v1/query_range?query=vector(1)&start=0&end=11000&step=1");
    expect(status).toBe(200);
  });

  test("a limit cuts the answer and says so", async () => {
    const body = JSON.parse((await bench.get("/api/v1/query?query=up&limit=1")).text) as Record<string, unknown>;
    expect((body["data"] as { result: unknown[] }).result).toHaveLength(1);
    expect(body["warnings"]).toEqual(["results truncated due to limit"]);
    expect((await bench.get("/api/v1/query?query=up&limit=0")).text).not.toContain("truncated");
    expect((await bench.get("/api/v1/query?query=up&limit=")).status).toBe(200);
  });

  test("the body of a form goes before the URL", async () => {
    const { text } = await bench.request("POST", "/api/v1/query?query=2", "query=1");
    expect(JSON.parse(text)).toMatchObject({ data: { result: [expect.any(Number), "1"] } });
    const inUrl = await bench.request("POST", "/api/v1/query?query=2", "");
    expect(JSON.parse(inUrl.text)).toMatchObject({ data: { result: [expect.any(Number), "2"] } });
  });

  test.each([
    { name: "plus signs", query: "query=1+%2B+2" },
    { name: "percent escapes of everything", query: "query=%31%20%2b%20%32" },
    { name: "parameters that nobody knows", query: "nonsense=%00&query=3&__proto__=x" },
    { name: "a repeated parameter: the first counts", query: "query=3&query=4" },
  ])("reads $name", async ({ query }) => {
    expect(JSON.parse((await bench.get(`/api/v1/query?${query}`)).text)).toMatchObject({
      data: { result: [expect.any(Number), "3"] },
    });
  });

  test("a lookback delta of 0 is the default, and a small one looks less far back", async () => {
    const count = async (delta: string): Promise<number> => {
      const time = bench.clock.nowMs() / 1000 + 60;
      const data = await bench.data<{ result: unknown[] }>(
        `/api/v1/query?query=requests_total&time=${time}&lookback_delta=${delta}`,
      );
      return data.result.length;
    };
    expect([await count("0"), await count("5m"), await count("1s")]).toEqual([2, 2, 0]);
  });
});

describe("series and labels", () => {
  test("series are sorted, without repetitions, and limited", async () => {
    const all = await bench.data<Record<string, string>[]>(
      '/api/v1/series?match[]=up&match[]={job="app",__name__="up"}',
    );
    expect(all.map((labels) => labels["instance"])).toEqual(["app:1", "down:1"]);
    const limited = await bench.get("/api/v1/series?match[]=up&limit=1");
    expect(JSON.parse(limited.text)).toMatchObject({
      data: [{ instance: "app:1" }],
      warnings: ["results truncated due to limit"],
    });
  });

  test("time bounds leave series out", async () => {
    expect(await bench.data("/api/v1/series?match[]=up&end=1000")).toEqual([]);
    expect(await bench.data("/api/v1/labels?end=1000")).toEqual([]);
  });

  test("labels and values", async () => {
    const labels = await bench.data<string[]>("/api/v1/labels?match[]=requests_total");
    expect(labels).toEqual(["__name__", "code", "instance", "job", "path"]);
    expect(await bench.data("/api/v1/label/job/values")).toEqual(["app", "down"]);
    expect(await bench.data("/api/v1/label/code/values?match[]=up")).toEqual([]);
    expect(await bench.data("/api/v1/label/U__code/values")).toEqual(["200", "500"]);
    expect(await bench.data("/api/v1/label/U__sch_c3a4_n_2e_x/values")).toEqual([]);
    expect(await bench.data("/api/v1/label/%C3%A4/values")).toEqual([]);
  });
});

describe("targets", () => {
  test("tell where they are and how they do", async () => {
    const data = await bench.data<{
      activeTargets: Record<string, unknown>[];
      droppedTargets: unknown[];
      droppedTargetCounts: unknown;
    }>("/api/v1/targets");
    expect(
      data.activeTargets.map(({ scrapePool, health, lastError, scrapeInterval }) => ({
        scrapePool,
        health,
        lastError,
        scrapeInterval,
      })),
    ).toEqual([
      { scrapePool: "app", health: "up", lastError: "", scrapeInterval: "10s" },
      {
        scrapePool: "down",
        health: "down",
        lastError: expect.stringContaining("connection refused"),
        scrapeInterval: "10s",
      },
    ]);
    expect(data.droppedTargets).toMatchObject([{ scrapePool: "app", discoveredLabels: { __address__: "gone:1" } }]);
    expect(data.droppedTargetCounts).toEqual({ app: 1, down: 0 });
  });

  test.each([
    { query: "state=active", active: 2, dropped: 0 },
    { query: "state=DROPPED", active: 0, dropped: 1 },
    { query: "state=nonsense", active: 0, dropped: 0 },
    { query: "scrapePool=down", active: 1, dropped: 0 },
    { query: "scrapePool=", active: 2, dropped: 1 },
  ])("filtered by $query", async ({ query, active, dropped }) => {
    const data = await bench.data<{ activeTargets: unknown[]; droppedTargets: unknown[] }>(`/api/v1/targets?${query}`);
    expect([data.activeTargets.length, data.droppedTargets.length]).toEqual([active, dropped]);
  });

  test("describe their metrics", async () => {
    expect(await bench.data("/api/v1/metadata?metric=requests_total")).toEqual({
      requests_total: [{ type: "counter", help: "Requests.", unit: "" }],
    });
    expect(Object.keys(await bench.data<object>("/api/v1/metadata?limit=1"))).toHaveLength(1);
    expect(await bench.data('/api/v1/targets/metadata?metric=temperature&match_target={job="app"}')).toMatchObject([
      { target: { job: "app" }, metric: "temperature", type: "gauge" },
    ]);
    expect(await bench.data('/api/v1/targets/metadata?match_target={job="down"}')).toEqual([]);
  });

  test("pools and Alertmanagers", async () => {
    expect(await bench.data("/api/v1/scrape_pools")).toEqual({ scrapePools: ["app", "down"] });
    expect(await bench.data("/api/v1/alertmanagers")).toEqual({
      activeAlertmanagers: [{ url: "http://am:9093/api/v2/alerts" }],
      droppedAlertmanagers: [],
    });
  });
});

describe("rules and alerts", () => {
  interface Rules {
    readonly groups: readonly { readonly name: string; readonly rules: readonly Record<string, unknown>[] }[];
    readonly groupNextToken?: string;
  }
  const names = ({ groups }: Rules) =>
    groups.map(({ name, rules: kept }) => [name, ...kept.map((rule) => rule["name"])]);

  test("rules have state, health and error", async () => {
    const { groups } = await bench.data<Rules>("/api/v1/rules");
    const [sum, down] = groups[0]!.rules;
    expect(sum).toMatchObject({ type: "recording", name: "job:up:sum", query: "sum by (job) (up)", health: "ok" });
    expect(sum).not.toHaveProperty("lastError");
    expect(down).toMatchObject({ type: "alerting", state: "firing", duration: 20, keepFiringFor: 0, health: "ok" });
    expect(down!["alerts"]).toMatchObject([
      {
        state: "firing",
        value: "0e+00",
        labels: { alertname: "Down", severity: "high" },
        annotations: { summary: "down:1 is down" },
      },
    ]);
    expect(groups[1]!.rules[1]).toMatchObject({ health: "err", lastError: expect.stringContaining("many-to-many") });
  });

  test.each([
    {
      query: "type=alert",
      kept: [
        ["first", "Down"],
        ["second", "Always"],
      ],
    },
    {
      query: "type=record",
      kept: [
        ["first", "job:up:sum"],
        ["second", "broken"],
      ],
    },
    {
      query: "rule_name[]=Down&rule_name[]=broken",
      kept: [
        ["first", "Down"],
        ["second", "broken"],
      ],
    },
    { query: "rule_group[]=second", kept: [["second", "Always", "broken"]] },
    { query: "file[]=nowhere.yml", kept: [] },
    { query: 'match[]={severity="high"}', kept: [["first", "Down"]] },
  ])("filtered by $query", async ({ query, kept }) => {
    expect(names(await bench.data<Rules>(`/api/v1/rules?${query}`))).toEqual(kept);
  });

  test("alerts are left out when asked", async () => {
    const { groups } = await bench.data<Rules>("/api/v1/rules?exclude_alerts=T&type=alert");
    expect(groups.flatMap(({ rules: all }) => all.map((rule) => rule["alerts"]))).toEqual([[], []]);
  });

  test("groups come in pages", async () => {
    const first = await bench.data<Rules>("/api/v1/rules?group_limit=1");
    expect(first.groups.map(({ name }) => name)).toEqual(["first"]);
    const second = await bench.data<Rules>(`/api/v1/rules?group_limit=1&group_next_token=${first.groupNextToken}`);
    expect(second.groups.map(({ name }) => name)).toEqual(["second"]);
    expect(second).not.toHaveProperty("groupNextToken");
  });

  test("alerts of all groups, values with an exponent", async () => {
    const { alerts } = await bench.data<{ alerts: Record<string, unknown>[] }>("/api/v1/alerts");
    expect(alerts.map(({ state, value }) => [state, value])).toEqual([
      ["firing", "0e+00"],
      ["firing", "1.5e+00"],
    ]);
  });
});

describe("status", () => {
  test("the configuration is shown without its secrets", async () => {
    const { yaml } = await bench.data<{ yaml: string }>("/api/v1/status/config");
    expect(yaml).toContain("job_name: down");
    expect(yaml).toContain("<secret>");
    expect(yaml).not.toContain("hunter2");
  });

  test("the storage tells where the series come from", async () => {
    const limit = 2;
    const data = await bench.data<Record<string, { name: string; value: number }[]>>(
      `/api/v1/status/tsdb?limit=${limit}`,
    );
    expect(data["seriesCountByMetricName"]).toHaveLength(2);
    // Which series there are depends on which is first, scrape or evaluation; the counts are those of the series that are.
    const counts = pairCounts(await bench.data(`/api/v1/series?match[]=${encodeURIComponent('{__name__!=""}')}`));
    const pairs = data["seriesCountByLabelValuePair"]!;
    expect(pairs.map(({ value }) => value)).toEqual([...counts.values()].sort((a, b) => b - a).slice(0, limit));
    for (const { name, value } of pairs) expect(counts.get(name)).toBe(value);
    expect(counts.get("job=app")).toBeGreaterThanOrEqual(8);
    expect(data["labelValueCountByLabelName"]![0]).toEqual({ name: "__name__", value: expect.any(Number) });
    expect(data["headStats"]).toMatchObject({ numSeries: expect.any(Number), minTime: expect.any(Number) });
  });

  test("the runtime", async () => {
    expect(await bench.data("/api/v1/status/runtimeinfo")).toMatchObject({
      startTime: "2026-01-05T12:00:00.000Z",
      serverTime: "2026-01-05T12:02:05.000Z",
      reloadConfigSuccess: true,
      storageRetention: "15d",
    });
  });

  test("health, readiness and metrics", async () => {
    expect(await bench.get("/-/healthy")).toMatchObject({ status: 200, text: "Prometheus Server is Healthy.\n" });
    expect(await bench.get("/-/ready")).toMatchObject({ status: 200, text: "Prometheus Server is Ready.\n" });
    expect((await bench.request("HEAD", "/-/healthy")).status).toBe(200);
    expect(await bench.metric("prometheus_config_last_reload_successful")).toBe(1);
    expect(await bench.metric("prometheus_notifications_alertmanagers_discovered")).toBe(1);
    expect(await bench.metric("prometheus_notifications_queue_capacity")).toBe(10_000);
    expect(
      await bench.metric('prometheus_notifications_errors_total{alertmanager="http://am:9093/api/v2/alerts"}'),
    ).toBe(0);
  });
});

/** How many series have each pair, by "name=value". */
function pairCounts(series: readonly Readonly<Record<string, string>>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pair of series.flatMap((labels) => Object.entries(labels).map((entry) => entry.join("="))))
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  return counts;
}
