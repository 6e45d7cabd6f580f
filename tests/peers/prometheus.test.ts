import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getJson, isInstalled, repository, startTatou, type TestProcess, until } from "../lib/processes.ts";
import type { AlertAnswer, MetadataAnswer, QueryAnswer, RulesAnswer } from "./answers.ts";
import { messageAbout, probePaths } from "./attacks.ts";
import { canNameHosts, hostsOf, startWithHosts } from "./named-hosts.ts";
import { ready } from "./ready.ts";

/** Debian's Prometheus in the place of our engine, from the very files, between our platform and our alerts. */
const isPossible = isInstalled("prometheus") && canNameHosts();
const isPatient = process.env["TATOU_LONG_TESTS"] === "1";

const hosts = hostsOf("prometheus", "server", "alertmanager");
const urls = {
  prometheus: `http://${hosts.prometheus}:9090`,
  server: `http://${hosts.server}:5000`,
  alerts: `http://${hosts.alertmanager}:9093`,
};
const configFile = join(repository, "monitoring/prometheus.yml");
/** Prometheus spreads the first evaluation of a group over its interval, of which the longest is a minute. */
const firstEvaluationMaxMs = 75_000;
const metricNames = [
  "auth_failures_total",
  "file_upload_errors_total",
  "http_request_duration_seconds",
  "http_requests_total",
  "pdf_parser_errors_total",
  "rmap_handshake_failures_total",
  "security_events_total",
  "sql_errors_total",
];

describe.skipIf(!isPossible)("Debian's Prometheus runs from our files", () => {
  let folder: string;
  let prometheus: TestProcess;
  let programs: readonly TestProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tatou-prometheus-"));
    const server = startTatou(["server"], {
      HOST: hosts.server,
      PORT: "5000",
      STORAGE_DIR: join(folder, "storage"),
    });
    const alerts = startTatou([
      "alerts",
      `--web.listen-address=${hosts.alertmanager}:9093`,
      `--state.path=${join(folder, "state")}`,
      `--watch.engine-url=${urls.prometheus}`,
      `--resolve=inbox:9094=${hosts.alertmanager}:9093`,
    ]);
    prometheus = startWithHosts({ hosts, folder }, "prometheus", [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${hosts.prometheus}:9090`,
      `--web.external-url=${urls.prometheus}`,
      "--rules.alert.resend-delay=10s",
    ]);
    programs = [server, alerts, prometheus];
    await ready(programs, [`${urls.server}/healthz`, `${urls.alerts}/-/ready`, `${urls.prometheus}/-/ready`]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test("promtool accepts configuration and rules", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "config", configFile], { encoding: "utf8" });
    expect(`${stdout}${stderr}`).toMatch(/SUCCESS: .*prometheus\.yml is valid[\s\S]*SUCCESS: \d+ rules found/);
    expect(status).toBe(0);
  });

  test("it scrapes the platform, and itself, under the names of the files", async () => {
    const up = await until("both targets to be up", async () => {
      const { data } = await getJson<QueryAnswer>(`${urls.prometheus}/api/v1/query?query=up`);
      return data.result.length === 2 && data.result.every(({ value }) => value[1] === "1") && data.result;
    });
    expect(up.map(({ metric }) => metric["instance"]).sort()).toEqual(["prometheus:9090", "server:5000"]);
  }, 40_000);

  test("it finds the eight metrics, of the right types", async () => {
    const { data } = await getJson<MetadataAnswer>(`${urls.prometheus}/api/v1/metadata`);
    const types = metricNames.map((name) => data[name]?.[0]?.type);
    const expected = metricNames.map((name) => (name.endsWith("_seconds") ? "histogram" : "counter"));
    expect(types).toEqual(expected);
  });

  test("its Watchdog arrives at our alerts", async () => {
    const watchdog = await until(
      "the Watchdog",
      async () => {
        const alerts = await getJson<readonly AlertAnswer[]>(`${urls.alerts}/api/v2/alerts`);
        return alerts.find(({ labels }) => labels["alertname"] === "Watchdog") ?? false;
      },
      45_000,
    );
    expect(watchdog.generatorURL).toContain(urls.prometheus);
  }, 60_000);

  test("an attack on the platform becomes a message in the inbox", async () => {
    await probePaths(urls.server);
    const message = await messageAbout(urls.alerts, "PathTraversalProbing", 60_000);
    expect(message).toMatchObject({ receiver: "inbox", status: "firing" });
  }, 75_000);

  // Behind the tests above, whose waits are part of this one.
  test(
    "it evaluates every rule without an error",
    async () => {
      const groups = await until(
        "the first evaluation of every group",
        async () => {
          const { data } = await getJson<RulesAnswer>(`${urls.prometheus}/api/v1/rules`);
          const rules = data.groups.flatMap((group) => group.rules);
          return rules.every(({ health }) => health !== "unknown") && data.groups;
        },
        firstEvaluationMaxMs,
      );
      expect(groups.map(({ name }) => name).sort()).toEqual([
        "monitoring_alerts",
        "security_alerts",
        "service_levels",
        "service_levels_slow",
        "service_levels_ticket",
      ]);
      const rules = groups.flatMap((group) => group.rules);
      expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
      expect(rules.map(({ name }) => name)).toEqual(expect.arrayContaining(["HighAuthFailureRate", "Watchdog"]));
    },
    firstEvaluationMaxMs + 10_000,
  );

  test("nothing was wrong all the while", () => {
    expect(prometheus.output).not.toMatch(/level=(?:warn|error)/);
  });

  test.skipIf(!isPatient)(
    "our drill passes against it",
    async () => {
      const drill = startTatou([
        "drill",
        "brute-force",
        "--clock=real",
        `--target=${urls.server}`,
        `--prometheus=${urls.prometheus}`,
        `--inbox=${urls.alerts}`,
      ]);
      const exitCode = await drill.closed;
      console.log(drill.output);
      expect(exitCode).toBe(0);
    },
    240_000,
  );
});
