import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getJson, isInstalled, repository, startTatou, type TestProcess, until } from "../lib/processes.ts";
import type { AlertAnswer, QueryAnswer } from "./answers.ts";
import { messageAbout, probePaths } from "./attacks.ts";
import { canNameHosts, hostsOf, startWithHosts } from "./named-hosts.ts";
import { ready } from "./ready.ts";

/** Debian's Alertmanager in the place of our alerts, from the very file, between our engine and our inbox. */
const isPossible = isInstalled("prometheus-alertmanager") && canNameHosts();

const hosts = hostsOf("alertmanager", "server", "prometheus", "inbox");
const urls = {
  alertmanager: `http://${hosts.alertmanager}:9093`,
  server: `http://${hosts.server}:5000`,
  engine: `http://${hosts.prometheus}:9090`,
  inbox: `http://${hosts.inbox}:9094`,
};
const configFile = join(repository, "monitoring/alertmanager.yml");

describe.skipIf(!isPossible)("Debian's Alertmanager runs from our file", () => {
  let folder: string;
  let alertmanager: TestProcess;
  let programs: readonly TestProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tatou-alertmanager-"));
    const server = startTatou(["server"], { HOST: hosts.server, PORT: "5000", STORAGE_DIR: join(folder, "storage") });
    const inbox = startTatou(["inbox", `--web.listen-address=${hosts.inbox}:9094`]);
    const engine = startTatou([
      "engine",
      `--web.listen-address=${hosts.prometheus}:9090`,
      `--web.external-url=${urls.engine}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--state.path=${join(folder, "state")}`,
      "--rules.alert.resend-delay=10s",
      `--resolve=server:5000=${hosts.server}:5000`,
      `--resolve=prometheus:9090=${hosts.prometheus}:9090`,
      `--resolve=alertmanager:9093=${hosts.alertmanager}:9093`,
    ]);
    alertmanager = startWithHosts({ hosts, folder }, "prometheus-alertmanager", [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, "alertmanager")}`,
      `--web.listen-address=${hosts.alertmanager}:9093`,
      `--web.external-url=${urls.alertmanager}`,
      "--cluster.listen-address=",
    ]);
    programs = [server, inbox, engine, alertmanager];
    const doors = [`${urls.server}/healthz`, `${urls.inbox}/-/healthy`];
    await ready(programs, [...doors, `${urls.engine}/-/ready`, `${urls.alertmanager}/-/ready`]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test("amtool accepts the file", () => {
    const { status, stdout } = spawnSync("amtool", ["check-config", configFile], { encoding: "utf8" });
    expect(stdout).toContain("SUCCESS");
    expect(status).toBe(0);
  });

  test("an alert of amtool becomes a message in our inbox", async () => {
    const args = [`--alertmanager.url=${urls.alertmanager}`, "alert", "add", "HandMade", "severity=critical"];
    const { status, stderr } = spawnSync("amtool", args, { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const message = await messageAbout(urls.inbox, "HandMade", 20_000);
    expect(message).toMatchObject({ receiver: "inbox", status: "firing" });
  }, 30_000);

  test("it takes the Watchdog of our engine, and tells nobody of it", async () => {
    const watchdog = await until(
      "the Watchdog",
      async () => {
        const alerts = await getJson<readonly AlertAnswer[]>(`${urls.alertmanager}/api/v2/alerts`);
        return alerts.find(({ labels }) => labels["alertname"] === "Watchdog") ?? false;
      },
      45_000,
    );
    expect(watchdog.generatorURL).toContain(urls.engine);
    expect(watchdog.receivers).toEqual([{ name: "nobody" }]);
  }, 60_000);

  test("an attack that our engine sees becomes a message in our inbox", async () => {
    await until("a scrape before the attack", async () => {
      const expr = 'security_events_total{event_type="path_traversal_attempt"}';
      const url = `${urls.engine}/api/v1/query?query=${encodeURIComponent(expr)}`;
      return (await getJson<QueryAnswer>(url)).data.result.length > 0;
    });
    await probePaths(urls.server);
    const message = await messageAbout(urls.inbox, "PathTraversalProbing", 60_000);
    expect(message).toMatchObject({ receiver: "inbox", status: "firing" });
  }, 100_000);

  test("nothing was wrong all the while", () => {
    expect(alertmanager.output).not.toMatch(/level=(?:warn|error)/);
  });
});
