import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "./errors.ts";
import { EngineBench, textResponse } from "./testing/engine-bench.ts";
import { RecordingAlertmanager } from "./testing/recording-alertmanager.ts";

const config = `global: { scrape_interval: 10s, evaluation_interval: 10s }
rule_files: ["rules/*.yml"]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["am:9093"] }] }] }
scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["app:1"] }]
`;
const rules = `groups:
  - name: attacks
    rules:
      - alert: High
        expr: level > 5
        for: 1m
        annotations: { summary: "level {{ $value }}" }
`;

let bench: EngineBench;
let alertmanager: RecordingAlertmanager;
let level: number;
beforeEach(async () => {
  bench = new EngineBench();
  alertmanager = new RecordingAlertmanager();
  level = 0;
  bench.serve("app:1", () => `level ${level}\n`);
  bench.serve("other:1", () => "level 1\n");
  bench.handlers.set("am:9093", alertmanager.handle);
  await bench.start({ config, files: { "rules/a.yml": rules } });
});
afterEach(() => bench.close());

const reload = () => bench.request("POST", "/-/reload");
const targetPools = async (): Promise<string[]> => {
  const { activeTargets } = await bench.data<{ activeTargets: { scrapeUrl: string }[] }>("/api/v1/targets");
  return activeTargets.map(({ scrapeUrl }) => scrapeUrl);
};
const alertStates = async (): Promise<{ state: string; activeAt: string }[]> => {
  const { alerts } = await bench.data<{ alerts: { state: string; activeAt: string }[] }>("/api/v1/alerts");
  return alerts.map(({ state, activeAt }) => ({ state, activeAt }));
};

describe("a file that cannot be used", () => {
  test.each([
    {
      name: "prometheus.yml is no YAML",
      files: { "prometheus.yml": "global: { scrape_interval: 10s\nrule_files: [}" },
      reason: /prometheus\.yml:\d+:\d+: .+/,
    },
    {
      name: "an unknown key",
      files: { "prometheus.yml": config.replace("job_name", "job_nam") },
      reason: /prometheus\.yml:5:5: .*field job_nam not found.*Did you mean "job_name"/,
    },
    {
      name: "an empty job name",
      files: { "prometheus.yml": "scrape_configs: [{ job_name: '' }]" },
      reason: /prometheus\.yml:1:30: .*job_name is empty/,
    },
    {
      name: "a bad expression",
      files: { "rules/a.yml": rules.replace("level > 5", "level >") },
      reason:
        /rules\/a\.yml:5:22: group "attacks", rule 1, "High": could not parse expression: 1:8: parse error: unexpected end of input/,
    },
    {
      name: "a bad template",
      files: { "rules/a.yml": rules.replace("{{ $value }}", "{{ $valu }}") },
      reason: /rules\/a\.yml:4:9: group "attacks", rule 1, "High": annotation "summary": .*undefined variable/,
    },
    {
      name: "the same group twice in one file",
      files: { "rules/a.yml": `${rules}${rules.replace("groups:\n", "")}` },
      reason: /rules\/a\.yml:\d+:\d+: .*groupname: "attacks" is repeated in the same file/,
    },
    {
      name: "a rule without expression",
      files: { "rules/a.yml": "groups: [{ name: a, rules: [{ alert: X }] }]" },
      reason: /rules\/a\.yml:1:\d+: .*field 'expr' must be set/,
    },
    {
      name: "a rule file that is not there",
      files: { "prometheus.yml": config.replace("rules/*.yml", "rules/missing.yml") },
      reason: /Cannot read .*rules\/missing\.yml: no such file/,
    },
    {
      name: "a pattern that makes no sense",
      files: { "prometheus.yml": config.replace("rules/*.yml", "rules/[z-a].yml") },
      reason: /Cannot read file name pattern: found "\[z-a\]\.yml"/,
    },
    {
      name: "two files, each with a fault",
      files: { "rules/a.yml": "groups: {}", "rules/b.yml": "nonsense: 1" },
      reason: /rules\/a\.yml:1:\d+: [\s\S]*rules\/b\.yml:1:1: /,
    },
  ])("$name: the reason is told, and all goes on as before", async ({ files, reason }) => {
    level = 7;
    await bench.clock.advance(30_000);
    for (const [name, text] of Object.entries(files)) bench.write(name, text);

    const answer = await reload();
    expect(answer.status).toBe(500);
    expect(answer.text).toMatch(/^failed to reload config: /);
    expect(answer.text).toMatch(reason);
    expect(answer.text).not.toMatch(/ {4}at /);
    expect(await bench.metric("prometheus_config_last_reload_successful")).toBe(0);
    expect(await bench.data("/api/v1/status/runtimeinfo")).toMatchObject({ reloadConfigSuccess: false });
    expect((await bench.events("config.refused")).map(({ data }) => data["reason"])).toEqual([
      expect.stringMatching(reason),
    ]);

    expect(await targetPools()).toEqual(["http://app:1/metrics"]);
    expect((await bench.data<{ yaml: string }>("/api/v1/status/config")).yaml).toContain("rules/*.yml");
    await bench.clock.advance(70_000);
    expect(await alertStates()).toMatchObject([{ state: "firing" }]);

    bench.write("prometheus.yml", config);
    bench.write("rules/a.yml", rules);
    rmSync(join(bench.directory, "rules/b.yml"), { force: true });
    expect(await reload()).toMatchObject({ status: 200, text: "" });
    expect(await bench.metric("prometheus_config_last_reload_successful")).toBe(1);
    expect(await alertStates()).toMatchObject([{ state: "firing" }]);
  });

  test("at the start there is nothing to fall back to", async () => {
    const other = new EngineBench();
    await expect(other.start({ config: "scrape_configs: {}" })).rejects.toThrow(ConfigurationError);
    await other.close();
  });
});

describe("a good reload", () => {
  test("changes targets, and ends the series of those that went", async () => {
    await bench.clock.advance(20_000);
    bench.write("prometheus.yml", config.replace("app:1", "other:1"));
    expect((await reload()).status).toBe(200);
    expect(await targetPools()).toEqual(["http://other:1/metrics"]);
    await bench.clock.advance(60_000);
    expect(await bench.query("level")).toEqual(['level{instance="other:1",job="app"} 1']);
  });

  test("ends the metrics of a job that went", async () => {
    expect(await bench.metric('tatou_target_scrapes_failed_total{job="app"}')).toBe(0);
    bench.write("prometheus.yml", config.replace("job_name: app", "job_name: other"));
    expect((await reload()).status).toBe(200);
    expect(await bench.metric('tatou_target_scrapes_failed_total{job="app"}')).toBeUndefined();
    expect(await bench.metric('tatou_target_scrapes_failed_total{job="other"}')).toBe(0);
  });

  test("changes a rule and keeps its pending alert", async () => {
    level = 7;
    await bench.clock.advance(40_000);
    const [pending] = await alertStates();
    expect(pending?.state).toBe("pending");
    bench.write("rules/a.yml", rules.replace("level > 5", "level > 6"));
    bench.write("prometheus.yml", config.replace("app:1", 'app:1", "other:1'));
    expect((await reload()).status).toBe(200);
    await bench.clock.advance(10_000);
    expect(await alertStates()).toEqual([pending]);
    await bench.clock.advance(40_000);
    expect(await alertStates()).toEqual([{ state: "firing", activeAt: pending!.activeAt }]);
    expect(alertmanager.states(bench.clock.nowMs())).toEqual(["High firing"]);
  });

  test("of an Alertmanager sends the next alerts to the new one", async () => {
    const next = new RecordingAlertmanager();
    bench.handlers.set("next:9093", next.handle);
    alertmanager.answer = () => new Promise(() => undefined);
    level = 7;
    await bench.clock.advance(90_000);
    expect(alertmanager.requestCount).toBe(1);
    bench.write("prometheus.yml", config.replace("am:9093", "next:9093"));
    expect((await reload()).status).toBe(200);
    await bench.clock.advance(60_000);
    expect(next.states(bench.clock.nowMs())).toEqual(["High firing"]);
    const { text } = await bench.get("/metrics");
    expect(text).toContain('prometheus_notifications_sent_total{alertmanager="http://next:9093/api/v2/alerts"} 1');
    expect(text).not.toContain('queue_length{alertmanager="http://am:9093');
  });

  test("reads each rule file once, however many patterns name it", async () => {
    bench.write("prometheus.yml", config.replace('"rules/*.yml"', '"rules/*.yml", "rules/a.yml", "rules/?.yml"'));
    expect((await reload()).status).toBe(200);
    const { groups } = await bench.data<{ groups: unknown[] }>("/api/v1/rules");
    expect(groups).toHaveLength(1);
    const before = await evaluationCount();
    await bench.clock.advance(100_000);
    expect((await evaluationCount()) - before).toBe(10);
  });

  test("many at once end with what is on disk, and leave no connection open", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        bench.write("prometheus.yml", config.replace("app:1", index % 2 === 0 ? "other:1" : "app:1"));
        return reload();
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await targetPools()).toEqual(["http://app:1/metrics"]);
    await bench.clock.advance(60_000);
    expect(await evaluationCount()).toBeLessThanOrEqual(7);
    // One for the scrape job, one for the Alertmanager.
    expect(bench.openTransports.size).toBe(2);
  });

  test("that is followed at once by a bad one does not hide it", async () => {
    const good = bench.engine.reload();
    await Promise.resolve();
    bench.write("prometheus.yml", "scrape_configs: 5");
    await expect(bench.engine.reload()).rejects.toThrow(ConfigurationError);
    await good;
    expect(await bench.metric("prometheus_config_last_reload_successful")).toBe(0);
  });

  const evaluationCount = async (): Promise<number> => {
    const file = join(bench.directory, "rules/a.yml");
    return (await bench.metric(`prometheus_rule_evaluations_total{rule_group="${file};attacks"}`)) ?? 0;
  };
});

describe("the end", () => {
  test("may be asked for twice, at once and again, and closes every connection", async () => {
    level = 7;
    await bench.clock.advance(90_000);
    const closed = bench.engine.close();
    expect(bench.engine.close()).toBe(closed);
    await closed;
    await bench.engine.close();
    expect(bench.openTransports.size).toBe(0);
    expect(bench.logLines.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("refuses reloads: nothing begins again", async () => {
    const closed = bench.engine.close();
    await expect(bench.engine.reload()).rejects.toThrow("the engine is closing");
    await closed;
    expect(bench.openTransports.size).toBe(0);
  });

  test("waits for a reload under way", async () => {
    const reloaded = bench.engine.reload();
    await Promise.resolve();
    await bench.engine.close();
    await reloaded;
    expect(bench.openTransports.size).toBe(0);
    const scrapesBefore = await countScrapes(30_000);
    expect(scrapesBefore).toBe(0);
  });

  test("does not wait for an Alertmanager that hangs", async () => {
    alertmanager.answer = () => new Promise(() => undefined);
    level = 7;
    await bench.clock.advance(85_000);
    let isClosed = false;
    const closed = bench.engine.close().then(() => (isClosed = true));
    await bench.clock.advance(6000);
    expect(isClosed).toBe(true);
    await closed;
  });

  test("leaves the data directory to the next", async () => {
    await bench.clock.advance(20_000);
    await bench.engine.close();
    await bench.start({ config });
    expect(await bench.query("count_over_time(level[5m])")).toEqual(['{instance="app:1",job="app"} 2']);
  });

  async function countScrapes(durationMs: number): Promise<number> {
    let count = 0;
    bench.handlers.set("app:1", async () => {
      count++;
      return textResponse("level 1\n");
    });
    await bench.clock.advance(durationMs);
    return count;
  }
});

test("a second engine on the same data directory is refused, and the first goes on", async () => {
  const second = new EngineBench();
  await expect(second.start({ config, options: { dataDirectory: join(bench.directory, "data") } })).rejects.toThrow(
    /Cannot open data directory .*in use/,
  );
  await second.close();
  await bench.clock.advance(20_000);
  expect(await bench.query("level")).toHaveLength(1);
});
