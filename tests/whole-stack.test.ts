import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyMonitoring, copyMonitoringWithShortTimes, edit } from "./lib/monitoring-copy.ts";
import { getJson, getText, startTatou, type TestProcess, until } from "./lib/processes.ts";
import { programPid, type StackPlace, stackPlace, startStack } from "./lib/stack-process.ts";

/** What `npm start` runs, on free ports and with a state of its own: the same checks a newcomer makes by hand. */
let folder: string;
let monitoring: string;
let stack: TestProcess;
let urls: StackPlace["urls"];

/** The attack as the files have it takes two minutes to be told. */
const isPatient = process.env["TATOU_LONG_TESTS"] === "1";

interface QueryAnswer {
  readonly status: string;
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-stack-"));
  const copy = isPatient ? copyMonitoring : copyMonitoringWithShortTimes;
  monitoring = copy(join(folder, "monitoring"));
  const place = await stackPlace(join(folder, "state"));
  urls = place.urls;
  stack = await startStack([...place.args, `--monitoring-dir=${monitoring}`]);
}, 90_000);

afterAll(async () => {
  await stack?.stop("SIGINT");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}, 30_000);

async function query(expr: string): Promise<QueryAnswer["data"]["result"]> {
  const answer = await getJson<QueryAnswer>(`${urls.engine}/api/v1/query?query=${encodeURIComponent(expr)}`);
  return answer.data.result;
}

test("the screen names the four addresses and the login", () => {
  for (const url of Object.values(urls)) expect(stack.output).toContain(url);
  expect(stack.output).toContain("admin / admin");
});

test("the platform exposes its eight metrics", async () => {
  const text = await getText(`${urls.server}/metrics`);
  const names = [
    "http_requests_total",
    "http_request_duration_seconds",
    "auth_failures_total",
    "sql_errors_total",
    "file_upload_errors_total",
    "pdf_parser_errors_total",
    "rmap_handshake_failures_total",
    "security_events_total",
  ];
  for (const name of names) expect(text).toMatch(new RegExp(`^# TYPE ${name} `, "m"));
});

test("the engine scrapes the platform and itself under the names of the files", async () => {
  const up = await until("both targets to be up", async () => {
    const result = await query("up");
    return result.length === 2 && result.every(({ value }) => value[1] === "1") && result;
  });
  expect(up.map(({ metric }) => metric["instance"]).sort()).toEqual(["prometheus:9090", "server:5000"]);
});

test("curl of the targets page names each target and its state", async () => {
  const html = await until("a scraped target on the page", async () => {
    const text = await getText(`${urls.engine}/targets`);
    return /server:5000/.test(text) && !/unknown/i.test(text) && text;
  });
  expect(html).toMatch(/server:5000\/metrics[\s\S]*?up/i);
});

test("the alerts program hears of the Watchdog", async () => {
  await until(
    "the Watchdog",
    async () => {
      const alerts = await getJson<readonly { labels: Record<string, string> }[]>(`${urls.alerts}/api/v2/alerts`);
      return alerts.some(({ labels }) => labels["alertname"] === "Watchdog");
    },
    45_000,
  );
}, 60_000);

test("the dashboards know admin, the data source and the Security overview", async () => {
  const headers = { authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}` };
  expect(await getJson(`${urls.dashboards}/api/health`)).toMatchObject({ database: "ok" });
  const hits = await getJson<readonly { uid: string }[]>(`${urls.dashboards}/api/search`, { headers });
  expect(hits.map(({ uid }) => uid)).toContain("security_overview");
  const proxied = await getJson<QueryAnswer>(
    `${urls.dashboards}/api/datasources/proxy/uid/prometheus/api/v1/query?query=up`,
    { headers },
  );
  expect(proxied.status).toBe("success");
});

test("the drill predicts the alarm, attacks, and sees somebody being told", async () => {
  const where = [`--target=${urls.server}`, `--prometheus=${urls.engine}`, `--inbox=${urls.alerts}`];
  const drill = startTatou(["drill", "brute-force", ...where, `--monitoring-dir=${monitoring}`]);
  expect([await drill.closed, drill.output]).toEqual([0, expect.stringContaining("PASS")]);
  for (const stage of [
    "request",
    "counter moved",
    "scraped",
    "expression true",
    "pending",
    "firing",
    "routed",
    "delivered",
  ])
    expect(drill.output).toMatch(new RegExp(`${stage}[^]*${stage}`));
}, 240_000);

describe("bad input is refused with 4xx in words", () => {
  const json = { "content-type": "application/json" };
  test.each([
    { at: "server", path: "/api/login", init: { method: "POST", headers: json, body: "{" }, says: /JSON/i },
    { at: "server", path: "/api/nothing", init: {}, says: /not found/i },
    { at: "engine", path: "/api/v1/query?query=sum(up", init: {}, says: /1:7: parse error: unclosed left parenthesis/ },
    { at: "engine", path: "/api/v1/query_range?query=up&start=x", init: {}, says: /start/ },
    { at: "alerts", path: "/api/v2/alerts", init: { method: "POST", headers: json, body: "[{]" }, says: /JSON/i },
    { at: "alerts", path: "/api/v2/silences", init: { method: "POST", headers: json, body: "{}" }, says: /required/ },
    {
      at: "dashboards",
      path: "/api/dashboards/db",
      init: { method: "POST", headers: json, body: "no" },
      says: /JSON/i,
    },
  ] as const)("by $at at $path", async ({ at, path, init, says }) => {
    const authorization = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
    const headers = { ...("headers" in init && init.headers), ...(at === "dashboards" && { authorization }) };
    const response = await fetch(`${urls[at]}${path}`, { ...init, headers });
    const text = await response.text();
    expect([response.status, text]).toEqual([
      expect.toSatisfy((status: number) => status >= 400 && status < 500),
      expect.stringMatching(says),
    ]);
    expect(text).not.toMatch(/\n\s+at |\.js:\d/);
  });
});

test("a file that is no PDF is refused, and counted", async () => {
  const send = (path: string, init: RequestInit): Promise<Response> =>
    fetch(`${urls.server}/api/${path}`, { method: "POST", ...init });
  const post = (path: string, body: unknown): Promise<Response> =>
    send(path, { headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const account = { login: "reader", email: "reader@example.org", password: "a long enough password" };
  await post("create-user", account);
  const { token } = (await (await post("login", account)).json()) as { token: string };
  const form = new FormData();
  form.set("file", new Blob(["no PDF at all"], { type: "application/pdf" }), "a.pdf");
  const answer = await send("upload-document", { headers: { authorization: `Bearer ${token}` }, body: form });
  expect([answer.status, await answer.text()]).toEqual([415, expect.stringMatching(/PDF/)]);
  expect(await getText(`${urls.server}/metrics`)).toMatch(/^file_upload_errors_total\{.*\} 1$/m);
});

test("a rule file that is broken while it runs: the reason is answered and on the screen, the rules stay", async () => {
  const rulesFile = join(monitoring, "prometheus_rules/security_alerts.rules.yml");
  const countRules = async (): Promise<number> => {
    const { data } = await getJson<{ data: { groups: readonly { rules: readonly unknown[] }[] } }>(
      `${urls.engine}/api/v1/rules`,
    );
    return data.groups.flatMap(({ rules }) => rules).length;
  };
  const before = await countRules();
  edit(rulesFile, /expr: rate\(/, "expr: rates(");
  const answer = await fetch(`${urls.engine}/-/reload`, { method: "POST" });
  expect(answer.status).toBe(500);
  expect(await answer.text()).toMatch(/security_alerts\.rules\.yml:\d+:\d+: .*unknown function with name "rates"/);
  await until("the reason on the screen", async () => /engine .*rules\.yml:\d+:\d+: .*"rates"/.test(stack.output));
  expect(await countRules()).toBe(before);

  edit(rulesFile, /expr: rates\(/, "expr: rate(");
  expect((await fetch(`${urls.engine}/-/reload`, { method: "POST" })).status).toBe(200);
});

test("a killed engine comes back with its samples, and that is said", async () => {
  const before = await query("count_over_time(up[1h])");
  process.kill(programPid(stack.pid, "engine"), "SIGKILL");
  await until("the word about it", async () =>
    stack.output.includes("engine ended (signal SIGKILL); starting it again"),
  );
  await until("the engine to be back", async () => stack.output.includes("engine is back"));
  const after = await query("count_over_time(up[1h])");
  expect(after.length).toBe(before.length);
  for (const series of before) {
    const same = after.find(({ metric }) => metric["job"] === series.metric["job"]);
    expect(Number(same?.value[1])).toBeGreaterThanOrEqual(Number(series.value[1]));
  }
}, 60_000);

test("everything that is kept lies in the three parts of the state folder", () => {
  expect(readdirSync(join(folder, "state")).sort()).toEqual(["data", "state", "storage"]);
  expect(readdirSync(folder).sort()).toEqual(["monitoring", "state"]);
  expect(readdirSync(join(folder, "state/state/logs")).sort()).toEqual([
    "alerts.log",
    "dashboards.log",
    "engine.log",
    "server.log",
  ]);
});
