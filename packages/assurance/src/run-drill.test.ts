import {
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
  VirtualClock,
} from "@tatou/model";
import { beforeEach, expect, test } from "vitest";
import { Attack } from "./attack.ts";
import type { DrillReport } from "./drill-report.ts";
import { DrillSetupError } from "./errors.ts";
import { runDrill } from "./run-drill.ts";
import { bruteForceScenario } from "./scenario.ts";

/** A stack that goes through the stages at known times, and can be broken at each: the proof must notice every break. */
interface StackBehaviour {
  readonly loginStatus: number;
  readonly counts: boolean;
  readonly scrapes: boolean;
  readonly isTrueAfterMs: number;
  readonly firesAfterMs: number;
  readonly notifiesAfterMs: number;
  readonly hasRule: boolean;
}

const healthy: StackBehaviour = {
  loginStatus: 401,
  counts: true,
  scrapes: true,
  isTrueAfterMs: 30_000,
  firesAfterMs: 90_000,
  notifiesAfterMs: 100_000,
  hasRule: true,
};

const startMs = 1_700_000_000_000;
const source = "127.0.0.9";
let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock(startMs, () => new Promise((resolve) => setImmediate(resolve)));
});

class PretendStack implements HttpTransport {
  readonly #behaviour: StackBehaviour;
  failures = 0;

  constructor(behaviour: StackBehaviour) {
    this.#behaviour = behaviour;
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    if (url.host === "nowhere") return Promise.reject(new HttpTransportError("refused", "connection refused"));
    const [status, body] = this.#answer(url);
    return Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(body) });
  }

  #answer(url: URL): [number, string] {
    const afterMs = clock.nowMs() - startMs;
    const behaviour = this.#behaviour;
    switch (url.pathname) {
      case "/api/login":
        if (behaviour.counts) this.failures++;
        return [behaviour.loginStatus, "{}"];
      case "/metrics":
        return [200, `auth_failures_total{client_ip="${source}"} ${this.failures}\n`];
      case "/api/v1/query":
        return [200, vector(this.#value(url.searchParams.get("query")!, afterMs))];
      case "/api/v1/rules":
        return [200, success({ groups: behaviour.hasRule ? [this.#group(afterMs)] : [] })];
      case "/api/tatou/v1/inbox":
        return [200, JSON.stringify({ messages: afterMs >= behaviour.notifiesAfterMs ? [message] : [] })];
      default:
        throw new Error(`Nothing answers ${url.pathname}`);
    }
  }

  #value(expr: string, afterMs: number): number | null {
    if (expr.startsWith("sum(")) return this.#behaviour.scrapes && afterMs >= 10_000 ? this.failures : null;
    const isTrue = afterMs >= this.#behaviour.isTrueAfterMs;
    return expr.endsWith("> 5") ? (isTrue ? 8 : null) : isTrue ? 8 : 2;
  }

  #group(afterMs: number) {
    const { isTrueAfterMs, firesAfterMs } = this.#behaviour;
    const state = afterMs >= firesAfterMs ? "firing" : afterMs >= isTrueAfterMs ? "pending" : "inactive";
    const alert = {
      labels: { alertname: "HighAuthFailureRate", client_ip: source },
      annotations: {},
      state,
      activeAt: new Date(startMs).toISOString(),
      value: "8",
    };
    const rule = {
      name: "HighAuthFailureRate",
      query: "rate(auth_failures_total[2m]) > 5",
      type: "alerting",
      health: "ok",
      duration: 60,
      state,
    };
    return { name: "g", file: "f", interval: 15, rules: [{ ...rule, alerts: state === "inactive" ? [] : [alert] }] };
  }
}

const labels = { alertname: "HighAuthFailureRate", client_ip: source };
const message = {
  seq: 1,
  receivedAt: new Date(startMs).toISOString(),
  receiver: "inbox",
  status: "firing",
  commonLabels: labels,
  alerts: [{ status: "firing", labels, annotations: {}, startsAt: "", endsAt: "" }],
};

function success(data: unknown): string {
  return JSON.stringify({ status: "success", data });
}

function vector(value: number | null): string {
  const result = value === null ? [] : [{ metric: { client_ip: source }, value: [startMs / 1000, String(value)] }];
  return success({ resultType: "vector", result });
}

async function drill(changes: Partial<StackBehaviour>, target = "http://target"): Promise<DrillReport> {
  const work = runDrill({
    scenario: bruteForceScenario(source),
    urls: { target, prometheus: "http://engine", inbox: "http://alerts" },
    clock,
    transport: new PretendStack({ ...healthy, ...changes }),
    pollEveryMs: 1000,
  });
  const state = { isDone: false };
  const settled = work.finally(() => (state.isDone = true));
  settled.catch(() => undefined);
  while (!state.isDone) await clock.advance(1000);
  return settled;
}

test.each([3, 7, 20, 30])("an attack of %i requests a second keeps its rate", async (requestsPerSecond) => {
  const stack = new PretendStack(healthy);
  const attack = new Attack({ ...bruteForceScenario(source), requestsPerSecond }, "http://target", {
    clock,
    transport: stack,
  });
  const stopping = new AbortController();
  const attacking = attack.run(stopping.signal);
  await clock.advance(9_999);
  stopping.abort();
  await attacking;
  expect(attack.tally().sentCount).toBe(requestsPerSecond * 10);
});

test("a healthy stack passes, with the time of every stage and the attack at its rate", async () => {
  const report = await drill({});
  expect(report.verdict).toEqual({ kind: "pass" });
  expect(report.stages.map(({ stage, afterMs }) => [stage, afterMs])).toEqual([
    ["request answered", 0],
    ["counter moved", 0],
    ["scraped", 10_000],
    ["expression true", 30_000],
    ["pending", 30_000],
    ["firing", 90_000],
    ["notified", 100_000],
  ]);
  expect(report.requestCount).toBeGreaterThanOrEqual(2000);
  expect(report.requestCount).toBeLessThanOrEqual(2010);
});

test.each([
  { broken: { loginStatus: 200 }, stage: "request answered", reason: "the platform answered 200, expected 401 or 429" },
  { broken: { counts: false }, stage: "counter moved", reason: "0 → 0" },
  { broken: { scrapes: false }, stage: "scraped", reason: "the engine has no sample" },
  {
    broken: { isTrueAfterMs: 1e9 },
    stage: "expression true",
    reason: "the expression has the value 2, expected > 5",
  },
  { broken: { firesAfterMs: 1e9 }, stage: "firing", reason: "pending, for 60 s" },
  { broken: { notifiesAfterMs: 1e9 }, stage: "notified", reason: "no message in the inbox" },
])("a stack broken at $stage is found out there", async ({ broken, stage, reason }) => {
  const report = await drill(broken);
  expect(report.verdict).toMatchObject({ kind: "miss", stage });
  expect(report.verdict).toHaveProperty("reason", expect.stringContaining(reason));
});

test.each([
  { name: "the rule is missing", changes: { hasRule: false }, message: 'has no alert rule "HighAuthFailureRate"' },
  { name: "the alert is active already", changes: { isTrueAfterMs: 0 }, message: "is active already" },
])("it does not begin when $name", async ({ changes, message: text }) => {
  const failed = drill(changes);
  await expect(failed).rejects.toThrow(DrillSetupError);
  await expect(failed).rejects.toThrow(text);
});

test("it does not begin when nobody answers", async () => {
  await expect(drill({}, "http://nowhere")).rejects.toThrow(/Cannot drill brute-force: connection refused/);
});
