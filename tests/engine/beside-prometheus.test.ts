import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess, startTarget, type TestServer } from "../lib/engine-process.ts";
import { freePorts, isInstalled, TestProcess, until } from "../lib/processes.ts";

const missing = isInstalled("prometheus") ? null : "prometheus is not on PATH";

const rules = `groups:
  - name: one
    interval: 1s
    limit: 10
    rules:
      - { record: "job:requests:sum", expr: "sum by(job) (requests_total)", labels: { kind: recorded } }
      - alert: Down
        expr: up == 0
        for: 2s
        labels: { severity: high }
        annotations: { summary: "{{ $labels.instance }} is {{ $value }}, {{ 1234567.0 | humanize }}" }
      - { alert: Never, expr: up > 5, keep_firing_for: 5m }
  - name: two
    rules: [{ record: broken, expr: "up + on() group_left() up", labels: { kind: broken } }]
`;

const scrapeIntervalMs = 200;
const externalUrl = "--web.external-url=http://engine.example:9090";

/** Samples that move, the same for whoever asks at the same count of scrapes. */
function exposition(count: number): string {
  const lines = ["# HELP requests_total Requests \\\\ answered.", "# TYPE requests_total counter"];
  for (const code of ["200", "404", "500"])
    for (const path of ["/", "/login", '/päth \\"quoted\\"'])
      lines.push(`requests_total{code="${code}",path="${path}"} ${(count % 17) * Number(code) + count * path.length}`);
  lines.push(
    "# TYPE temperature gauge",
    `temperature ${Math.sin(count) * 30}`,
    `temperature{room="b"} ${count % 3 === 0 ? "NaN" : count}`,
  );
  lines.push("# TYPE latency_seconds histogram");
  for (const [index, le] of ["0.1", "0.5", "1", "+Inf"].entries())
    lines.push(`latency_seconds_bucket{le="${le}"} ${count * (index + 1)}`);
  lines.push(`latency_seconds_sum ${count * 1.7}`, `latency_seconds_count ${count * 4}`);
  lines.push(
    `extreme{kind="inf"} +Inf`,
    `extreme{kind="-inf"} -Inf`,
    `extreme{kind="tiny"} 1.5e-300`,
    `extreme{kind="large"} 1.7976931348623157e308`,
  );
  return `${lines.join("\n")}\n`;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describe.skipIf(missing !== null)(`beside Prometheus 2.42${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let folder: string;
  let ours: EngineProcess;
  let theirs: TestProcess;
  let theirUrl: string;
  let target: TestServer;
  /** Half-way between two samples: Prometheus 3 leaves out a sample at the very beginning of a range, 2.42 takes it. */
  let timeMs: number;
  let innerRange: string;

  const startPrometheus = async (config: string, data: string, port: number): Promise<TestProcess> => {
    const started = new TestProcess("prometheus", [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-lifecycle",
      externalUrl,
      "--log.level=warn",
    ]);
    await until("Prometheus to be ready", async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
    return started;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tatou-beside-"));
    let count = 0;
    target = await startTarget(() => exposition(count++));
    const [ourPort, theirPort] = (await freePorts(2)) as [number, number];
    theirUrl = `http://127.0.0.1:${theirPort}`;
    const path = (name: string): string => join(folder, name);

    // What both answer from: samples that Prometheus itself scraped.
    const scraping = `scrape_configs: [{ job_name: app, scrape_interval: ${scrapeIntervalMs}ms, scrape_timeout: ${scrapeIntervalMs}ms, static_configs: [{ targets: ["${target.address}"] }] }]`;
    writeFileSync(path("scraping.yml"), scraping);
    const recorder = await startPrometheus(path("scraping.yml"), path("their-data"), theirPort);
    await setTimeout(13_000);
    const { body } = await ask(theirUrl, "query?query=timestamp(up)");
    const [{ value }] = (body["data"] as { result: [{ value: [number, string] }] }).result;
    const lastScrapeMs = Math.round(Number(value[1]) * 1000);
    timeMs = lastScrapeMs - scrapeIntervalMs / 2;
    const phaseMs = lastScrapeMs % scrapeIntervalMs;
    // Steps of subqueries stand at whole seconds.
    innerRange = phaseMs > 50 && phaseMs < 150 ? "2s" : "2100ms";
    await recorder.stop();
    cpSync(path("their-data"), path("data"), { recursive: true });

    ours = new EngineProcess(folder, ourPort);
    ours.write("rules.yml", rules);
    ours.write(
      "prometheus.yml",
      `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s, external_labels: { site: lab } }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ path_prefix: /am, static_configs: [{ targets: ["127.0.0.1:1"] }] }] }
scrape_configs:
  - job_name: live
    static_configs: [{ targets: ["${target.address}"], labels: { team: blue } }]
    relabel_configs: [{ target_label: region, replacement: north }]
  - job_name: down
    static_configs: [{ targets: ["127.0.0.1:1"] }]
  - job_name: dropped
    static_configs: [{ targets: ["127.0.0.1:2"] }]
    relabel_configs: [{ action: drop, source_labels: [__address__], regex: ".*" }]
`,
    );
    theirs = await startPrometheus(path("prometheus.yml"), path("their-data"), theirPort);
    await ours.start(["--web.enable-lifecycle", externalUrl]);
    await until("both to have scraped and evaluated", async () => {
      for (const url of [ours.url, theirUrl]) {
        const { body } = await ask(url, "alerts");
        const { alerts } = body["data"] as { alerts: { state: string }[] };
        if (alerts[0]?.state !== "firing") return false;
      }
      return true;
    });
  }, 60_000);
  afterAll(async () => {
    await theirs?.stop();
    await ours?.stop();
    await target?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const ask = async (url: string, path: string, form?: string): Promise<Answer> => {
    const init = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(`${url}/api/v1/${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const askBoth = (path: string, form?: string): Promise<[Answer, Answer]> =>
    Promise.all([ask(ours.url, path, form), ask(theirUrl, path, form)]);

  describe("gives the same values for", () => {
    test.each([
      'requests_total{job="app"}',
      'requests_total{job="app",code=~"4..|500",path!="/"}',
      '{__name__=~"latency_.+",job="app"}',
      'requests_total{job="app"} offset 2s',
      'requests_total{job="app"} @ end()',
      'rate(requests_total{job="app"}[5s])',
      'irate(requests_total{job="app"}[5s])',
      'increase(requests_total{job="app"}[7s])',
      'delta(temperature{job="app"}[5s])',
      'idelta(temperature{job="app"}[5s])',
      'deriv(temperature{job="app",room=""}[5s])',
      'predict_linear(temperature{job="app",room=""}[5s], 60)',
      'resets(requests_total{job="app"}[8s])',
      'changes(temperature{job="app"}[8s])',
      'sum by (code) (rate(requests_total{job="app"}[5s]))',
      'sum without (path) (requests_total{job="app"})',
      'avg(requests_total{job="app"})',
      'stddev(requests_total{job="app"})',
      'stdvar by (code) (requests_total{job="app"})',
      'topk(2, requests_total{job="app"})',
      'bottomk(2, requests_total{job="app"})',
      'quantile(0.3, requests_total{job="app"})',
      'count_values("value", requests_total{job="app"} % 5)',
      'group by (code) (requests_total{job="app"})',
      'histogram_quantile(0.9, rate(latency_seconds_bucket{job="app"}[5s]))',
      'histogram_quantile(0.5, latency_seconds_bucket{job="app"})',
      'avg_over_time(temperature{job="app"}[5s])',
      'quantile_over_time(0.8, temperature{job="app",room=""}[5s])',
      'stddev_over_time(temperature{job="app",room=""}[5s])',
      'last_over_time(temperature{job="app"}[5s])',
      'max_over_time(rate(requests_total{job="app"}[INNER])[6s:1s])',
      'absent(requests_total{job="nobody",code="1"})',
      'absent_over_time(nothing{job="x"}[1m])',
      'label_replace(up{job="app"}, "short", "$1", "instance", "(.*):.*")',
      'label_join(requests_total{job="app",code="200"}, "both", "-", "code", "path")',
      'requests_total{job="app"} / on(job) group_left() sum by (job) (requests_total{job="app"})',
      'requests_total{job="app",code="200"} > bool 5',
      'requests_total{job="app"} and on(code) requests_total{job="app",code!="200"}',
      'requests_total{job="app",code="200"} or requests_total{job="app",code="404"} unless on(path) requests_total{path="/"}',
      'extreme{job="app"}',
      'extreme{job="app"} * 2 ^ 3 - -1',
      'clamp(temperature{job="app"}, -5, 5)',
      'round(temperature{job="app"}, 0.1)',
      'sgn(temperature{job="app"})',
      'sort_desc(requests_total{job="app"})',
      "time()",
      "1 / 0",
      '"a \\"text\\""',
      "vector(1) == bool 1",
      "day_of_week(vector(1700000000))",
      'minute(timestamp(up{job="app"}))',
      'scalar(temperature{job="app",room="b"})',
      'timestamp(temperature{job="app"})',
      'temperature{job="app",room=""}[2s]',
    ])("%s", async (query) => {
      const form = new URLSearchParams({ query: query.replace("INNER", innerRange), time: String(timeMs / 1000) });
      const [own, other] = await askBoth(`query?${form}`);
      expect(own.status).toBe(200);
      expect(comparable(own)).toEqual(comparable(other));
      expect(hasResult(own), "an empty answer would prove nothing").toBe(true);
    });

    test.each([
      'rate(requests_total{job="app"}[3s])',
      'sum by (code) (increase(requests_total{job="app"}[3s])) > 10',
      'temperature{job="app"}',
      'histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket{job="app"}[3s])))',
      "time() % 7",
    ])("%s over a range", async (query) => {
      const form = new URLSearchParams({
        query,
        start: String(timeMs / 1000 - 9),
        end: String(timeMs / 1000),
        step: "0.4",
      });
      const [own, other] = await askBoth("query_range", form.toString());
      expect(own.status).toBe(200);
      expect(comparable(own)).toEqual(comparable(other));
      expect(hasResult(own)).toBe(true);
    });
  });

  describe("refuses in the same words", () => {
    test.each([
      { path: "query?query=", since: "3 gives the missing expression no position" },
      { path: "query?query=sum(" },
      { path: "query?query=up{" },
      { path: "query?query=up%20up" },
      { path: "query?query=rate(up)" },
      { path: "query?query=sum(1)%2B" },
      { path: "query?query=up{job=~%22(%22}", since: "3 shows the pattern as written" },
      { path: "query?query=foo[5m:]offset", since: "3 takes numbers and step() there too" },
      { path: "query?query=up&time=noon" },
      { path: "query?query=up&timeout=soon" },
      {
        path: "query?query=requests_total%2Bon(job)requests_total",
        since: "the order of the two series named is open",
      },
      { path: "query_range?query=up&start=x&end=1&step=1" },
      { path: "query_range?query=up&start=1&end=x&step=1" },
      { path: "query_range?query=up&start=2&end=1&step=1" },
      { path: "query_range?query=up&start=1&end=2&step=x" },
      { path: "query_range?query=up&start=1&end=2&step=0" },
      { path: "query_range?query=up&start=0&end=20000&step=1" },
      { path: "query_range?query=up[5m]&start=1&end=2&step=1", since: "3 names the parameter" },
      { path: "series" },
      { path: "series?match[]={}" },
      { path: "series?match[]=up&start=x" },
      { path: "labels?end=x" },
      { path: "rules?type=x" },
      { path: "targets/metadata?limit=x" },
      { path: "metadata?limit=x" },
    ])("GET $path", async ({ path, since }: { path: string; since?: string }) => {
      const [own, other] = await askBoth(path);
      expect(own.status).toBe(other.status);
      if (since === undefined) expect(own.body).toEqual(other.body);
      else expect(own.body["errorType"]).toBe(other.body["errorType"]);
    });
  });

  describe("answers in the same shape", () => {
    test.each([
      // What 2.42 does not have yet is ours alone; what it has, we have, of the same type.
      "targets",
      "targets?state=active",
      "targets?state=dropped",
      "targets/metadata?metric=requests_total",
      "metadata?metric=requests_total",
      "rules",
      "rules?type=alert",
      "rules?type=record",
      "alerts",
      "alertmanagers",
      "status/config",
      "status/buildinfo",
      "status/runtimeinfo",
      "status/tsdb",
      "status/walreplay",
      "scrape_pools",
      "format_query?query=sum(up)by(job)",
    ])("GET %s", async (path) => {
      const [own, other] = await askBoth(path);
      expect([own.status, other.status]).toEqual([200, 200]);
      expect(lacks(own.body, other.body, "$")).toEqual([]);
    });

    test.each([
      { path: "labels?match[]=requests_total{job='app'}" },
      { path: "label/code/values?match[]=requests_total" },
      { path: "label/job/values" },
      { path: "series?match[]=requests_total{job='app'}&match[]=temperature{job='app'}" },
      { path: "format_query?query=sum(up)by(job)" },
      { path: "alertmanagers" },
      { path: "scrape_pools" },
    ])("and with the same content: GET $path", async ({ path }) => {
      const [own, other] = await askBoth(path);
      expect(sorted(own.body["data"])).toEqual(sorted(other.body["data"]));
    });

    test("rules and alerts say the same but for times", async () => {
      for (const path of ["rules", "alerts"]) {
        const [own, other] = await askBoth(path);
        expect(untimed(own.body)).toEqual(untimed(other.body));
      }
    });

    test("targets say the same but for times", async () => {
      const [own, other] = await askBoth("targets");
      const targets = ({ body }: Answer): unknown =>
        untimed((body["data"] as Record<string, unknown>)["activeTargets"]);
      expect(sorted(targets(own))).toEqual(sorted(targets(other)));
    });
  });

  test.each([
    { method: "GET", path: "/-/healthy" },
    { method: "GET", path: "/-/ready" },
    { method: "HEAD", path: "/-/healthy" },
    { method: "GET", path: "/-/reload" },
    { method: "GET", path: "/nowhere" },
    { method: "GET", path: "/api/v1/nowhere" },
    { method: "DELETE", path: "/api/v1/query" },
    { method: "POST", path: "/-/reload" },
  ])("$method $path has the same status and text", async ({ method, path }) => {
    const [own, other] = await Promise.all(
      [ours.url, theirUrl].map(async (url) => {
        const response = await fetch(`${url}${path}`, { method });
        return { status: response.status, text: await response.text() };
      }),
    );
    expect(own).toEqual(other);
  });
});

/** Results in one order, numbers to 12 digits: sums may be added in another order. */
function comparable({ body }: Answer): unknown {
  const { resultType, result } = body["data"] as { resultType: string; result: unknown };
  return { resultType, result: sorted(rounded(result)) };
}

function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, name === "metric" ? part : rounded(part)]),
    );
  if (typeof value !== "string" || value === "" || !Number.isFinite(Number(value))) return value;
  return Number(value).toPrecision(12);
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) && typeof value[0] === "object" ? value.map(withSortedKeys).sort() : value;
}

function withSortedKeys(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

function hasResult({ body }: Answer): boolean {
  const { result } = body["data"] as { result: readonly unknown[] };
  return result.length > 0;
}

/** What the other answer has and this one lacks, or has in another type. Only the first of a list is looked at. */
function lacks(own: unknown, other: unknown, path: string): readonly string[] {
  if (typeof own !== typeof other || Array.isArray(own) !== Array.isArray(other)) return [`${path}: another type`];
  if (Array.isArray(other)) return other.length === 0 ? [] : lacks((own as unknown[])[0], other[0], `${path}[0]`);
  if (typeof other !== "object" || other === null) return [];
  return Object.entries(other).flatMap(([name, part]) => {
    if (typeof own !== "object" || own === null || !Object.hasOwn(own, name)) return [`${path}.${name}: missing`];
    return lacks((own as Record<string, unknown>)[name], part, `${path}.${name}`);
  });
}

const timeKeys = /^(evaluationTime|lastEvaluation|activeAt|lastScrape|lastScrapeDuration|lastError|scrapePool)$/;

/** Without what depends on the moment, and the wording of errors of the network. */
function untimed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untimed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (timeKeys.test(name) ? [] : [[name, untimed(part)]])),
  );
}
