import { labelsOf } from "@tatou/model";
import { evaluateInstant } from "@tatou/promql";
import { expect, test } from "vitest";
import { ruleSamplesOf } from "../evaluation/rule-query.ts";
import { MemoryStorage } from "../testing/memory-storage.ts";
import { alertingRule, benchStartMs, group, RuleBench, recordingRule } from "../testing/rule-bench.ts";

/** A counter scraped every 10 s that stands still for 5 minutes and then counts 20 failures a second for 3 minutes. */
function storageUnderAttack(): MemoryStorage {
  const storage = new MemoryStorage();
  const appender = storage.appender();
  const ref = appender.resolve(labelsOf({ __name__: "auth_failures_total", client_ip: "127.0.0.9", job: "app" }));
  for (let seconds = 0; seconds <= 1200; seconds += 10) {
    const attackSeconds = Math.min(180, Math.max(0, seconds - 300));
    appender.append(ref, benchStartMs + seconds * 1000, 3 + attackSeconds * 20);
  }
  appender.commit();
  return storage;
}

test("an attack on a counter goes through PromQL, the recorded series and the alert", async () => {
  const storage = storageUnderAttack();
  const bench = new RuleBench({
    storage,
    query: async (expr, timeMs, signal) =>
      ruleSamplesOf((await evaluateInstant({ queryable: storage, signal }, expr, timeMs)).value),
  });
  await bench.load(
    group([
      recordingRule("client_ip:auth_failures:rate2m", "rate(auth_failures_total[2m])"),
      alertingRule("HighAuthFailureRate", "client_ip:auth_failures:rate2m > 5", {
        forMs: 60_000,
        annotations: {
          summary: '{{ $value | printf "%.1f" }}/s, {{ query "auth_failures_total" | first | value }} in all',
        },
      }),
    ]),
  );
  const timeline: string[] = [];
  for (let seconds = 0; seconds < 1200; seconds += 5) {
    await bench.clock.advanceTo(benchStartMs + seconds * 1000);
    const state = bench.manager.alerts()[0]?.state ?? "none";
    if (timeline.at(-1)?.split(" ")[1] !== state) timeline.push(`${seconds} ${state}`);
  }
  const [quiet, pending, firing, over] = timeline.map((entry) => Number(entry.split(" ")[0]));
  expect(timeline.map((entry) => entry.split(" ")[1])).toEqual(["none", "pending", "firing", "none"]);
  // The rate over 2 minutes passes 5 after 30 s of 20 a second, and falls below it 90 s after the end.
  expect(quiet).toBe(0);
  expect(pending).toBeGreaterThanOrEqual(330);
  expect(pending).toBeLessThanOrEqual(365);
  expect(firing).toBe((pending ?? 0) + 60);
  expect(over).toBeGreaterThanOrEqual(480 + 85);
  expect(over).toBeLessThanOrEqual(480 + 110);
  expect(bench.sent[0]?.alert).toMatchObject({
    labels: { alertname: "HighAuthFailureRate", client_ip: "127.0.0.9", job: "app" },
    annotations: { summary: expect.stringMatching(/^1\d\.\d\/s, \d{4} in all$/) },
  });
  await bench.manager.close();
});
