import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DrillReport } from "@tatou/assurance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled, repository, startTatou, type TestProcess } from "../lib/processes.ts";
import { MessageSinks } from "./lib/message-sinks.ts";
import { canNameHosts, type Hosts, hostsOf, startWithHosts } from "./named-hosts.ts";
import { ready } from "./ready.ts";

/**
 * The drills with the smallest budgets that break nothing, in real time, all at once from addresses of their own: against our
 * programs, and against Debian's Prometheus and Alertmanager. Mails and posts arrive at servers of the test.
 */
const alertsByDrill = {
  D18: "PluginLoadAttempt",
  D10: "MaliciousFileUpload",
  D12: "PathTraversalProbing",
  D16: "RMAPReplayOrSpoofing",
  D7: "SQLInjectionProbing",
  D11: "PDFParserExploitAttempts",
  D4: "CredentialStuffing",
  D13: "ObjectEnumeration",
} as const;

const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
const hasPeers = isInstalled("prometheus") && isInstalled("prometheus-alertmanager") && canNameHosts();
const drillsMaxMs = 300_000;

interface Stack {
  readonly hosts: Readonly<Record<"server" | "prometheus" | "alertmanager" | "inbox", string>>;
  readonly folder: string;
  readonly sinks: MessageSinks;
  readonly alertmanagerFile: string;
}

function urlsOf({ hosts }: Stack) {
  return {
    target: `http://${hosts.server}:5000`,
    prometheus: `http://${hosts.prometheus}:9090`,
    alertmanager: `http://${hosts.alertmanager}:9093`,
    inbox: `http://${hosts.inbox}:9094`,
  };
}

function startOurs(stack: Stack): readonly TestProcess[] {
  const { hosts, folder, alertmanagerFile } = stack;
  const urls = urlsOf(stack);
  const resolve = Object.entries({ server: 5000, prometheus: 9090, alertmanager: 9093, inbox: 9094 }).map(
    ([name, port]) => `--resolve=${name}:${port}=${hosts[name as keyof typeof hosts]}:${port}`,
  );
  const engine = startTatou([
    "engine",
    `--web.listen-address=${hosts.prometheus}:9090`,
    `--web.external-url=${urls.prometheus}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--state.path=${join(folder, "state")}`,
    "--rules.alert.resend-delay=10s",
    ...resolve,
  ]);
  const alerts = startTatou([
    "alerts",
    `--config.file=${alertmanagerFile}`,
    `--web.listen-address=${hosts.alertmanager}:9093`,
    `--state.path=${join(folder, "state")}`,
    `--watch.engine-url=${urls.prometheus}`,
    ...resolve,
  ]);
  return [engine, alerts];
}

function startDebians(stack: Stack): readonly TestProcess[] {
  const { hosts, folder, alertmanagerFile } = stack;
  const urls = urlsOf(stack);
  const named = { hosts: hosts as Hosts, folder };
  const prometheus = startWithHosts(named, "prometheus", [
    `--config.file=${join(repository, "monitoring/prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=${hosts.prometheus}:9090`,
    `--web.external-url=${urls.prometheus}`,
    "--rules.alert.resend-delay=10s",
  ]);
  const alertmanager = startWithHosts(named, "prometheus-alertmanager", [
    `--config.file=${alertmanagerFile}`,
    `--storage.path=${join(folder, "alertmanager")}`,
    `--web.listen-address=${hosts.alertmanager}:9093`,
    `--web.external-url=${urls.alertmanager}`,
    "--cluster.listen-address=",
  ]);
  return [prometheus, alertmanager];
}

describe.each([
  { whose: "our engine and alerts", start: startOurs, isPossible: true },
  { whose: "Debian's Prometheus and Alertmanager", start: startDebians, isPossible: hasPeers },
])("against $whose", ({ start, isPossible }) => {
  describe.skipIf(!isPatient || !isPossible)("attacked for real (minutes: only in npm run test:long)", () => {
    let stack: Stack;
    let programs: readonly TestProcess[] = [];
    let reports: ReadonlyMap<string, DrillReport>;

    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), "tatou-fastest-"));
      const sinks = await MessageSinks.open();
      const alertmanagerFile = join(folder, "alertmanager.yml");
      writeFileSync(
        alertmanagerFile,
        sinks.configured(readFileSync(join(repository, "monitoring/alertmanager.yml"), "utf8")),
      );
      const hosts = hostsOf("server", "prometheus", "alertmanager", "inbox");
      stack = { hosts, folder, sinks, alertmanagerFile };
      const urls = urlsOf(stack);
      const server = startTatou(["server", `--rmap.demo-dir=${join(folder, "rmap")}`], {
        HOST: hosts.server,
        PORT: "5000",
        STORAGE_DIR: join(folder, "storage"),
      });
      const inbox = startTatou(["inbox", `--web.listen-address=${hosts.inbox}:9094`]);
      programs = [server, inbox, ...start(stack)];
      const doors = [`${urls.target}/healthz`, `${urls.inbox}/-/healthy`];
      await ready(programs, [...doors, `${urls.prometheus}/-/ready`, `${urls.alertmanager}/-/ready`]);
      // A few scrapes, so that counters have been seen at 0.
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      reports = await drillAll(stack);
    }, drillsMaxMs);

    afterAll(async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await stack.sinks.close();
      rmSync(stack.folder, { recursive: true, force: true });
    });

    test.each(Object.entries(alertsByDrill))("%s raises %s in time", (drill, alert) => {
      const report = reports.get(drill);
      expect(report?.verdict).toEqual({ kind: "pass" });
      expect(report?.outcomes.map((outcome) => outcome.alert)).toContain(alert);
    });

    test.each(Object.values(alertsByDrill))("a mail and a post tell of %s", (alert) => {
      expect(stack.sinks.mails.filter((mail) => mail.includes(alert))).not.toEqual([]);
      expect(stack.sinks.posts.filter((post) => post.includes(`"alertname":"${alert}"`))).not.toEqual([]);
    });
  });
});

/** Each by a command of its own, all at once. */
async function drillAll(stack: Stack): Promise<ReadonlyMap<string, DrillReport>> {
  const urls = urlsOf(stack);
  const runs = Object.keys(alertsByDrill).map(async (drill, index) => {
    const command = startTatou([
      ...["drill", drill, "--clock", "real", "--live", "--json"],
      `--source=127.${20 + index}.0.1`,
      `--rmap-keys=${join(stack.folder, "rmap")}`,
      ...Object.entries(urls).map(([name, url]) => `--${name}=${url}`),
    ]);
    await command.closed;
    return [drill, reportIn(command.output)] as const;
  });
  return new Map(await Promise.all(runs));
}

function reportIn(output: string): DrillReport {
  try {
    const { drills } = JSON.parse(output) as { readonly drills: readonly { readonly real: DrillReport }[] };
    const { real } = drills[0]!;
    console.log(real.drill, real.verdict.kind, real.outcomes.map(({ stages }) => stages.at(-1)?.afterMs).join(" "));
    return real;
  } catch {
    throw new Error(`The drill printed no report:\n${output}`);
  }
}
