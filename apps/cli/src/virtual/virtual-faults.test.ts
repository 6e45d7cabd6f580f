import { join } from "node:path";
import type { FaultName } from "@tatou/assurance";
import { bodyText, type HttpResponse, HttpTransportError } from "@tatou/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryDirectory } from "../paths.ts";
import { play } from "./play.ts";
import { openVirtualStack, type VirtualStack } from "./virtual-stack.ts";

/** What each fault breaks, seen from outside, and that it is mended. What follows from it is for the drills to show. */
let stack: VirtualStack;

beforeAll(async () => {
  stack = await openVirtualStack({
    monitoringDirectory: join(repositoryDirectory, "monitoring"),
    startMs: 1_700_000_000_000,
  });
  await stack.clock.advance(20_000);
});
afterAll(() => stack.close());

const inTime = <T>(work: Promise<T>): Promise<T> => play(stack.clock, work, 100);
const get = (url: string): Promise<HttpResponse> => inTime(stack.transport.send({ method: "GET", url }));
const target = (path: string): Promise<HttpResponse> => get(`${stack.urls.target}${path}`);
const prometheus = (path: string): Promise<HttpResponse> => get(`${stack.urls.prometheus}${path}`);
const metrics = async (): Promise<string> => bodyText(await target("/metrics"));

async function broken(fault: FaultName, look: () => Promise<void>): Promise<void> {
  expect(stack.faults.refusal(fault)).toBeNull();
  const mend = await inTime(stack.faults.inject(fault));
  try {
    await look();
  } finally {
    await inTime(mend());
  }
}

test("server_down: nobody answers", async () => {
  await broken("server_down", async () => {
    await expect(target("/healthz")).rejects.toThrow(HttpTransportError);
  });
  expect((await target("/healthz")).status).toBe(200);
});

test("server_restart: another process with the same storage", async () => {
  const startSeconds = async (): Promise<number> =>
    Number(/^process_start_time_seconds (\S+)$/m.exec(await metrics())?.[1]);
  const account = { email: "a@example.org", login: "alice", password: "a good password" };
  const post = (path: string): Promise<HttpResponse> =>
    inTime(
      stack.transport.send({
        method: "POST",
        url: `${stack.urls.target}${path}`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(account),
      }),
    );
  expect((await post("/api/create-user")).status).toBe(201);
  const before = await startSeconds();
  await broken("server_restart", async () => undefined);
  expect(await startSeconds()).toBeGreaterThan(before);
  expect((await post("/api/login")).status).toBe(200);
});

test("database_gone: the platform is not ready", async () => {
  await broken("database_gone", async () => expect((await target("/readyz")).status).toBe(503));
  expect((await target("/readyz")).status).toBe(200);
});

test("slow_answers: a read takes a second of virtual time", async () => {
  const readMs = async (): Promise<number> => {
    const startedMs = stack.clock.nowMs();
    expect((await target("/api/get-watermarking-methods")).status).toBe(200);
    return stack.clock.nowMs() - startedMs;
  };
  await broken("slow_answers", async () => expect(await readMs()).toBeGreaterThanOrEqual(1000));
  expect(await readMs()).toBeLessThan(1000);
});

test("security_metrics_gone: the families are not exposed", async () => {
  await broken("security_metrics_gone", async () => expect(await metrics()).not.toContain("security_events_total"));
  expect(await metrics()).toContain("security_events_total");
});

test("scrape_job_removed: the engine has no target of that job", async () => {
  const targets = async (): Promise<string> => bodyText(await prometheus("/api/v1/targets"));
  await broken("scrape_job_removed", async () => expect(await targets()).not.toContain("tatou-app"));
  expect(await targets()).toContain("tatou-app");
});

test("rule_failing: a rule is loaded that has an error", async () => {
  const errors = async (): Promise<string> => bodyText(await prometheus("/api/v1/rules?rule_name[]=drill:failing"));
  await broken("rule_failing", async () => {
    await stack.clock.advance(30_000);
    expect(await errors()).toContain('"health":"err"');
  });
  expect(await errors()).not.toContain("drill:failing");
});

test("rules_broken: the reload fails, and what ran before runs on", async () => {
  const isSuccessful = async (): Promise<string | undefined> =>
    /^prometheus_config_last_reload_successful (\S+)$/m.exec(bodyText(await prometheus("/metrics")))?.[1];
  await broken("rules_broken", async () => {
    expect(await isSuccessful()).toBe("0");
    expect(bodyText(await prometheus("/api/v1/rules"))).toContain("HighAuthFailureRate");
  });
  expect(await isSuccessful()).toBe("1");
});
