import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineProcess, startServer, startTarget } from "../lib/engine-process.ts";
import { freePorts, until } from "../lib/processes.ts";

/** What a program exits with when it cannot start for a reason in the world: EX_CONFIG of sysexits.h. */
const exitCodeRefused = 78;
const goodConfig = "scrape_configs: []\n";

let folder: string;
let engine: EngineProcess;
let port: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-start-"));
  [port] = (await freePorts(1)) as [number];
  engine = new EngineProcess(folder, port);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What it printed, when it has ended as refused. */
async function refusal(flags: readonly string[] = []): Promise<string> {
  const started = engine.spawn(flags);
  expect([await started.closed, started.output]).toEqual([exitCodeRefused, expect.any(String)]);
  expect(started.output).not.toMatch(/^ {4}at /m);
  return started.output;
}

describe("an engine that cannot start says why in words and exits with 78", () => {
  test.each([
    {
      name: "a file that is no YAML",
      files: { "prometheus.yml": "scrape_configs:\n  - job_name: [\n" },
      says: [/prometheus\.yml:\d+:\d+: /],
    },
    {
      name: "an unknown key",
      files: { "prometheus.yml": "scrape_configs:\n  - job_name: app\n    scrape_intervall: 5s\n" },
      says: [/prometheus\.yml:3:5: .*scrape_intervall/, /Did you mean "scrape_interval"/],
    },
    {
      name: "a value of the wrong kind",
      files: { "prometheus.yml": "global:\n  scrape_interval: often\n" },
      says: [/prometheus\.yml:2:20: .*global\.scrape_interval.*often/],
    },
    {
      name: "a rule with a bad expression",
      files: {
        "prometheus.yml": "rule_files: [rules/*.yml]\n",
        "rules/a.yml": "groups:\n  - name: a\n    rules:\n      - alert: High\n        expr: sum(level\n",
      },
      says: [
        /rules\/a\.yml:5:\d+: group "a", rule 1, "High": could not parse expression: 1:10: parse error: unclosed left parenthesis/,
      ],
    },
    {
      name: "several faults at once",
      files: { "prometheus.yml": "global: { scrape_interval: often }\nscrape_configs: [{ nonsense: 1 }]\n" },
      says: [/scrape_interval/, /nonsense/],
    },
  ])("$name", async ({ files, says }) => {
    for (const [name, text] of Object.entries(files)) engine.write(name, text);
    const output = await refusal();
    for (const pattern of says) expect(output).toMatch(pattern);
  });

  test("no file", async () => {
    expect(await refusal()).toMatch(/Cannot read .*prometheus\.yml: no such file[\s\S]*--config\.file/);
  });

  test("a taken port: by whom, and which flag changes it", async () => {
    engine.write("prometheus.yml", goodConfig);
    const other = await startServer((_request, response) => response.end());
    engine = new EngineProcess(folder, other.port);
    const output = await refusal();
    expect(output).toMatch(
      new RegExp(`Cannot listen on ${other.address}: the port is taken by .*process ${process.pid}`),
    );
    expect(output).toContain("--web.listen-address");
    await other.close();
  });

  test("a data directory that another engine has", async () => {
    engine.write("prometheus.yml", goodConfig);
    await engine.start();
    const first = engine;
    engine = new EngineProcess(folder, (await freePorts(1))[0]!);
    try {
      const output = await refusal([`--state.path=${join(folder, "other-state")}`]);
      expect(output).toMatch(new RegExp(`Cannot open data directory .*in use by process ${first.process.pid}`));
    } finally {
      await first.stop();
    }
  });

  test("an address that is no loopback address, without a guard", async () => {
    engine.write("prometheus.yml", goodConfig);
    expect(await refusal([`--web.listen-address=0.0.0.0:${port}`])).toContain("--web.trusted-network");
  });
});

test("SIGHUP reads the files again, and a bad one changes nothing", async () => {
  engine.write("prometheus.yml", goodConfig);
  await engine.start();
  try {
    engine.write("prometheus.yml", "scrape_configs: 5\n");
    engine.process.kill("SIGHUP");
    await until("the refusal in the log", async () =>
      /was not read again.*prometheus\.yml:1:17/.test(engine.process.output),
    );
    expect((await fetch(`${engine.url}/-/ready`)).status).toBe(200);
    const reload = await fetch(`${engine.url}/-/reload`, { method: "POST" });
    expect([reload.status, await reload.text()]).toEqual([403, "Lifecycle API is not enabled."]);
    engine.write("prometheus.yml", goodConfig);
    engine.process.kill("SIGHUP");
    await until("the reload", async () => engine.process.output.includes("The configuration was read again"));
  } finally {
    expect(await engine.stop()).toBe(0);
  }
}, 30_000);

const fullDiskMissing = process.getuid?.() === 0 && canMount() ? null : "needs root and mount";
describe.skipIf(fullDiskMissing !== null)(
  `a full disk${fullDiskMissing === null ? "" : ` (skipped: ${fullDiskMissing})`}`,
  () => {
    test("costs durability, is visible as a metric, and blinds no alert", async () => {
      const data = join(folder, "data");
      execFileSync("mkdir", [data]);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", data]);
      let level = 0;
      // Enough new text for the log not to fit into what is left of its last page.
      const more = Array.from({ length: 500 }, (_, index) => `more{index="${index}"} 1\n`).join("");
      const target = await startTarget(() => `level ${level}\n${level > 0 ? more : ""}`);
      try {
        engine.write("rules.yml", "groups: [{ name: a, rules: [{ alert: High, expr: level > 5 }] }]\n");
        engine.write(
          "prometheus.yml",
          `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["${target.address}"] }] }]
`,
        );
        await engine.start();
        await until("a sample", async () => (await engine.values("level")).length === 1);
        fill(join(data, "ballast"));
        level = 7;
        await until(
          "the alert to fire on a full disk",
          async () => (await engine.alertStates())[0]?.state === "firing",
        );
        expect(await engine.values("level")).toEqual([7]);
        await until("the metric", async () => {
          const text = await (await fetch(`${engine.url}/metrics`)).text();
          return /^tatou_tsdb_durable 0$/m.test(text) && /^prometheus_tsdb_wal_writes_failed_total [1-9]/m.test(text);
        });
        rmSync(join(data, "ballast"));
        await until("durability again", async () =>
          /^tatou_tsdb_durable 1$/m.test(await (await fetch(`${engine.url}/metrics`)).text()),
        );
        expect(await engine.stop()).toBe(0);
      } finally {
        await engine.kill();
        await target.close();
        execFileSync("umount", [data]);
      }
    }, 60_000);
  },
);

/** Writes until nothing more fits. */
function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(2 * 1024 * 1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "tatou-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true });
  }
}
