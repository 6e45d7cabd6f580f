import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyMonitoring, edit } from "../lib/monitoring-copy.ts";
import { startTatou } from "../lib/processes.ts";
import { type StackPlace, stackPlace, startStack } from "../lib/stack-process.ts";

/** What keeps a stack from starting: told in words, as the last thing on the screen, with exit code 1. */
let folder: string;
let place: StackPlace;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-refusal-"));
  place = await stackPlace(join(folder, "state"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of a start that fails. */
async function refusal(args: readonly string[] = place.args): Promise<readonly string[]> {
  const stack = startTatou(["up", ...args]);
  expect([await stack.closed, stack.output]).toEqual([1, expect.any(String)]);
  expect(stack.output).not.toMatch(/^ {4}at /m);
  expect(stack.output).not.toContain("are up");
  return stack.output.trimEnd().split("\n");
}

describe("a broken file is named with its place", () => {
  const alertmanager = "alertmanager.yml";
  const rules = "prometheus_rules/security_alerts.rules.yml";
  const sources = "grafana/provisioning/datasources/prometheus.yml";

  test.each([
    {
      what: "an unknown key in prometheus.yml",
      breaks: [{ file: "prometheus.yml", find: /scrape_interval:/, put: "scrape_intervall:" }],
      ends: [
        /^● engine cannot start$/,
        /prometheus\.yml:\d+:3: .*scrape_intervall/,
        /Did you mean "scrape_interval"\?/,
      ],
    },
    {
      what: "an expression that does not parse",
      breaks: [
        { file: rules, find: /expr: rate\(auth_failures_total\[2m\]\)/, put: "expr: rate(auth_failures_total[2m)" },
      ],
      ends: [
        /^● engine cannot start$/,
        /security_alerts\.rules\.yml:\d+:\d+: .*HighAuthFailureRate.*parse error/,
        /Write a range/,
      ],
    },
    {
      what: "a receiver that is not there",
      breaks: [{ file: alertmanager, find: /receiver: inbox/, put: "receiver: inbax" }],
      ends: [/^● alerts cannot start$/, /alertmanager\.yml:\d+:\d+: .*inbax/],
    },
    {
      what: "data sources that are no list",
      breaks: [{ file: sources, find: /datasources:[^]*/, put: "datasources: 5\n" }],
      ends: [/^● dashboards cannot start$/, /datasources\/prometheus\.yml:\d+:14: .*"5", expected a list/],
    },
    {
      what: "two files at once",
      breaks: [
        { file: "prometheus.yml", find: /scrape_interval:/, put: "scrape_intervall:" },
        { file: alertmanager, find: /receiver: inbox/, put: "receiver: inbax" },
      ],
      ends: [/prometheus\.yml:\d+:3: /, /alertmanager\.yml:\d+:\d+: /],
    },
  ])("$what", async ({ breaks, ends }) => {
    const monitoring = copyMonitoring(join(folder, "monitoring"));
    for (const { file, find, put } of breaks) edit(join(monitoring, file), find, put);
    const lines = await refusal([...place.args, `--monitoring-dir=${monitoring}`]);
    const reason = lines.slice(lines.findIndex((line) => line.startsWith("● ")));
    for (const end of ends) expect(reason).toContainEqual(expect.stringMatching(end));
    // Nothing stands behind the reason but what belongs to it.
    expect(reason.length).toBeLessThanOrEqual(3 * breaks.length);
  });

  test("a folder without the files", async () => {
    const lines = await refusal([...place.args, `--monitoring-dir=${join(folder, "nothing")}`]);
    expect(lines.join("\n")).toMatch(/Cannot read .*prometheus\.yml: no such file/);
    expect(lines.join("\n")).toMatch(/Cannot read .*alertmanager\.yml: no such file, expected .*[\s\S]*--config\.file/);
  });
});

describe("a taken port", () => {
  let taken: readonly Server[] = [];
  afterEach(() => {
    for (const server of taken) server.close();
  });

  async function take(...ports: readonly number[]): Promise<void> {
    taken = ports.map((port) => createServer().listen(port, "127.0.0.1"));
    await Promise.all(taken.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  }

  const owner = process.platform === "linux" ? new RegExp(`\\(process ${process.pid}\\)`) : /another program/;

  test("is named with who has it and the flag", async () => {
    await take(place.ports.alerts);
    const lines = await refusal();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`Cannot listen on 127.0.0.1:${place.ports.alerts}: the port is taken by `);
    expect(lines[0]).toMatch(owner);
    expect(lines[1]).toContain("--alerts.listen");
  });

  test("is named together with the other taken ones", async () => {
    await take(place.ports.server, place.ports.engine, place.ports.dashboards);
    const text = (await refusal()).join("\n");
    for (const name of ["server", "engine", "dashboards"]) expect(text).toContain(`--${name}.listen`);
    expect(text).not.toContain("--alerts.listen");
  });

  test("is told alike by a program that runs alone", async () => {
    await take(place.ports.dashboards);
    const alone = startTatou([
      "dashboards",
      `--web.listen-address=127.0.0.1:${place.ports.dashboards}`,
      `--state.path=${folder}`,
    ]);
    expect(await alone.closed).toBe(78);
    expect(alone.output).toMatch(owner);
    expect(alone.output).toContain("--web.listen-address");
  });
});

describe("a state directory", () => {
  test("that is a file", async () => {
    writeFileSync(join(folder, "state"), "");
    const lines = await refusal();
    expect(lines[0]).toMatch(/^Cannot write ".*state": a file stands where a directory is needed/);
    expect(lines[1]).toContain("--state-dir");
  });

  test("whose log cannot be written", async () => {
    mkdirSync(join(folder, "state/state/logs/engine.log"), { recursive: true });
    const lines = await refusal();
    expect(lines[0]).toMatch(/^Cannot write ".*logs\/engine\.log"/);
  });

  test("that another tatou up uses", async () => {
    const first = await startStack(place.args);
    try {
      const other = await stackPlace(join(folder, "state"));
      const lines = await refusal(other.args);
      expect(lines[0]).toContain(`Cannot start: another tatou up (process ${first.pid}) uses`);
      expect(lines[1]).toContain("--state-dir");
    } finally {
      expect(await first.stop("SIGINT")).toBe(0);
    }
    // What ended in order leaves the place free.
    const again = await startStack(place.args);
    expect(await again.stop("SIGTERM")).toBe(0);
  }, 60_000);
});

test("a door to the network is refused with the flag to add, and opens with it", async () => {
  const args = place.args.map((arg) => arg.replace("--engine.listen=127.0.0.1", "--engine.listen=0.0.0.0"));
  const lines = await refusal(args);
  expect(lines.join("\n")).toMatch(/engine cannot start\nCannot listen on 0\.0\.0\.0:\d+: [^]*--web\.trusted-network/);
  const stack = await startStack([...args, "--web.trusted-network"]);
  expect(await stack.stop("SIGINT")).toBe(0);
}, 60_000);
