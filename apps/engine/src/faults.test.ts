import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineBench, textResponse } from "./testing/engine-bench.ts";
import { RecordingAlertmanager } from "./testing/recording-alertmanager.ts";

const config = `global: { scrape_interval: 10s, evaluation_interval: 10s }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ timeout: 5s, static_configs: [{ targets: ["am:9093"] }] }] }
scrape_configs:
  - job_name: sick
    static_configs: [{ targets: ["sick:1"], labels: { note: "<script>alert('label')</script>" } }]
  - job_name: healthy
    static_configs: [{ targets: ["healthy:1"] }]
`;
const rules = `groups:
  - name: attacks
    rules:
      - alert: High
        expr: level > 5
        labels: { place: "<b>{{ $labels.instance }}</b>" }
        annotations: { summary: "<img src=x onerror=alert(1)>" }
`;

let bench: EngineBench;
let alertmanager: RecordingAlertmanager;
let level: number;
let sickBody: string;
beforeEach(async () => {
  bench = new EngineBench();
  alertmanager = new RecordingAlertmanager();
  level = 0;
  sickBody = "fine 1\n";
  bench.serve("sick:1", () => sickBody);
  bench.serve("healthy:1", () => `level ${level}\n`);
  bench.handlers.set("am:9093", alertmanager.handle);
  await bench.start({ config, files: { "rules.yml": rules } });
  await bench.clock.advance(15_000);
});
afterEach(() => bench.close());

describe("a target that exposes nonsense", () => {
  test.each([
    {
      name: "a line without value",
      body: 'fine 1\nbroken{a="b"}\n',
      place: "line 2, column 14",
      text: "the end of the line",
    },
    { name: "a label without end", body: 'fine 1\nok 2\nbroken{a="b} 3\n', place: "line 3, column 10", text: "b} 3" },
    { name: "a value that is none", body: "fine one\n", place: "line 1, column 6", text: "one" },
    { name: "markup", body: "<script>alert('body')</script>\n", place: "line 1, column 1", text: "script" },
  ])("$name: it is down, the page says where and what, others are untouched", async ({ body, place, text }) => {
    sickBody = body;
    await bench.clock.advance(10_000);
    expect(await bench.query('up{job="sick"}')).toMatchObject([expect.stringMatching(/ 0$/)]);
    expect(await bench.query("fine")).toEqual([]);
    expect(await bench.query("up{job='healthy'}")).toEqual(['up{instance="healthy:1",job="healthy"} 1']);

    const { activeTargets } = await bench.data<{ activeTargets: { health: string; lastError: string }[] }>(
      "/api/v1/targets",
    );
    const [healthy, sick] = activeTargets;
    expect([healthy!.health, sick!.health]).toEqual(["up", "down"]);
    expect(sick!.lastError).toContain(place);
    expect(sick!.lastError).toContain(text);

    const page = await bench.get("/targets");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.text).toContain("<td>http://sick:1/metrics</td><td>DOWN</td>");
    expect(page.text).toContain("<td>http://healthy:1/metrics</td><td>UP</td>");
    expect(page.text).toContain(place);
    expect(page.text).not.toMatch(/<script>alert|<b>|<img/);

    sickBody = "fine 2\n";
    await bench.clock.advance(10_000);
    expect(await bench.query("fine")).toMatchObject([expect.stringMatching(/ 2$/)]);
  });

  test("a failed scrape ends the target's series and counts as failed", async () => {
    sickBody = "broken";
    await bench.clock.advance(10_000);
    expect(await bench.metric('tatou_target_scrapes_failed_total{job="sick"}')).toBe(1);
    expect(await bench.metric('tatou_target_scrapes_failed_total{job="healthy"}')).toBe(0);
    expect((await bench.events("target.state")).map(({ data }) => [data["job"], data["health"]])).toContainEqual([
      "sick",
      "down",
    ]);
  });
});

describe("pages", () => {
  test.each(["/", "/query", "/targets", "/alerts", "/rules"])("%s is HTML with a strict policy", async (path) => {
    const { status, headers, text } = await bench.get(path);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'nonce-[\w-]+'/);
    expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
    expect(text).toContain('<div id="root">');
  });

  test("the old address of the query page leads to the new one, with what is asked", async () => {
    for (const [from, to] of [
      ["/graph?g0.expr=up%7Bjob%3D%22a%22%7D&g0.tab=1", "/query?g0.expr=up%7Bjob%3D%22a%22%7D&g0.tab=1"],
      ["/graph", "/query"],
      ["/graph/?a=//evil.example", "/query?a=//evil.example"],
    ] as const) {
      const { status, headers } = await bench.get(from);
      expect([status, headers["location"]]).toEqual([302, to]);
    }
  });

  test.each(["/graphh", "/config", "/flags", "/status", "/service-discovery"])(
    "a browser that asks for %s is told that there is no such page, and which there are",
    async (path) => {
      const { status, text } = await bench.get(path, { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
      expect(status).toBe(404);
      expect(text).toContain(`Nothing is at ${path}.`);
      for (const page of ["/query", "/alerts", "/targets", "/rules"]) expect(text).toContain(`<a href="${page}">`);
    },
  );

  test("a program that asks for what is not there gets no page", async () => {
    for (const [path, headers] of [
      ["/graphh", {}],
      ["/api/v1/nowhere", { accept: "text/html" }],
    ] as const)
      expect(await bench.get(path, headers)).toMatchObject({ status: 404, text: "404 page not found\n" });
  });

  test("every page has a nonce of its own", async () => {
    const nonces = await Promise.all([bench.get("/"), bench.get("/")]);
    expect(nonces[0]!.headers["content-security-policy"]).not.toBe(nonces[1]!.headers["content-security-policy"]);
  });

  test("labels of targets and alerts are text, not markup", async () => {
    level = 7;
    await bench.clock.advance(20_000);
    const targets = await bench.get("/targets");
    expect(targets.text).toContain("&#60;script&#62;alert(");
    const alerts = await bench.get("/alerts");
    expect(alerts.text).toContain("High");
    expect(alerts.text).toContain("firing");
    expect(alerts.text).toContain("&#60;b&#62;healthy:1");
    for (const { text } of [targets, alerts]) expect(text).not.toMatch(/<script>alert|<b>|<img/);
  });

  test("an alert that is not active is named too", async () => {
    expect((await bench.get("/alerts")).text).toMatch(/<td>High<\/td><td>inactive<\/td>/);
  });
});

describe("an Alertmanager that misbehaves", () => {
  const states = (): readonly string[] => alertmanager.states(bench.clock.nowMs());
  const dropped = () =>
    bench.metric('prometheus_notifications_dropped_total{alertmanager="http://am:9093/api/v2/alerts"}');

  test("hears of the alert when it is back: firing is told again after the resend delay", async () => {
    bench.handlers.delete("am:9093");
    level = 7;
    await bench.clock.advance(70_000);
    const lost = await dropped();
    expect(lost).toBeGreaterThanOrEqual(1);
    bench.handlers.set("am:9093", alertmanager.handle);
    await bench.clock.advance(70_000);
    expect(states()).toEqual(["High firing"]);
    expect(await dropped()).toBe(lost);
    expect(await bench.metric('prometheus_notifications_sent_total{alertmanager="http://am:9093/api/v2/alerts"}')).toBe(
      1,
    );
  });

  test("hears of the end too, for a quarter of an hour", async () => {
    level = 7;
    await bench.clock.advance(20_000);
    expect(states()).toEqual(["High firing"]);
    bench.handlers.delete("am:9093");
    level = 0;
    await bench.clock.advance(5 * 60_000);
    bench.handlers.set("am:9093", alertmanager.handle);
    await bench.clock.advance(70_000);
    expect(states().at(-1)).toBe("High resolved");
    await bench.clock.advance(20 * 60_000);
    const count = alertmanager.received.length;
    await bench.clock.advance(20 * 60_000);
    expect(alertmanager.received.length).toBe(count);
  });

  test("a slow one delays neither scrapes nor rules", async () => {
    alertmanager.answer = () => new Promise(() => undefined);
    level = 7;
    await bench.clock.advance(100_000);
    const [count] = await bench.query("count_over_time(level[100s])");
    expect(count).toMatch(/ 10$/);
    const { groups } = await bench.data<{ groups: { rules: { state: string; lastEvaluation: string }[] }[] }>(
      "/api/v1/rules",
    );
    expect(groups[0]!.rules[0]).toMatchObject({ state: "firing" });
    expect(bench.clock.nowMs() - Date.parse(groups[0]!.rules[0]!.lastEvaluation)).toBeLessThanOrEqual(10_000);
    expect(bench.logLines.join()).toContain("context deadline exceeded");
  });

  test("answers that are no HTTP sense count as errors", async () => {
    bench.handlers.set("am:9093", async () => textResponse("nonsense", 302));
    level = 7;
    await bench.clock.advance(20_000);
    expect(
      await bench.metric('prometheus_notifications_errors_total{alertmanager="http://am:9093/api/v2/alerts"}'),
    ).toBe(1);
  });
});

test("what Prometheus would show of a configuration, without a secret in any spelling", async () => {
  const secret = "hunter2";
  bench.write(
    "prometheus.yml",
    `scrape_configs:
  - job_name: a # the job
    basic_auth: { username: me, "password": '${secret}' }
    static_configs: [{ targets: ["a:1"] }]
  - job_name: b
    authorization:
      credentials: >-
        ${secret}
    proxy_url: "http://user:${secret}@proxy:3128"
    static_configs: [{ targets: ["b:1"] }]
  - job_name: c
    oauth2:
      client_id: id
      ? client_secret
      : "hunt\\x65r2"
      token_url: http://token
    http_headers: { X-Key: { secrets: ["${secret}"] } }
    static_configs: [{ targets: ["c:1"] }]
  - job_name: d
    bearer_token: &shared ${secret}
    static_configs: [{ targets: ["d:1"], labels: { kept: visible } }]
  - job_name: e
    basic_auth: { username: me, password: *shared }
    static_configs: [{ targets: ["e:1"] }]
  - job_name: f
    tls_config: { key: "${secret}", cert: "public" }
    static_configs: [{ targets: ["f:1"] }]
`,
  );
  const answer = await bench.request("POST", "/-/reload");
  expect(answer).toMatchObject({ status: 200, text: "" });
  const everything = await Promise.all(
    ["/api/v1/status/config", "/api/v1/status/flags", "/api/v1/targets", "/targets", "/metrics"].map((path) =>
      bench.get(path),
    ),
  );
  for (const { text } of everything) expect(text).not.toContain(secret);
  expect(everything[0]!.text).toContain("visible");
  for (const event of await bench.events("")) expect(JSON.stringify(event)).not.toContain(secret);
  expect(bench.logLines.join()).not.toContain(secret);
});
