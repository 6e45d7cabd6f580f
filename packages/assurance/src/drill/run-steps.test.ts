import {
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
  VirtualClock,
} from "@tatou/model";
import { beforeEach, expect, test } from "vitest";
import { DrillSetupError } from "../errors.ts";
import type { DrillWorld } from "./drill-world.ts";
import { RequestTally } from "./request-tally.ts";
import { runSteps } from "./run-steps.ts";
import { loadDrillFile } from "./scenario-file.ts";

const startMs = 1_700_000_000_000;

interface Sent extends HttpRequest {
  readonly afterMs: number;
}

/** Answers as it is told, and remembers what it was asked. */
class PretendPlatform implements HttpTransport {
  readonly sent: Sent[] = [];
  answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse> = signingIn;

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    this.sent.push({ ...request, afterMs: clock.nowMs() - startMs });
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener("abort", () => reject(new HttpTransportError("aborted", "context canceled"))),
    );
    aborted.catch(() => undefined);
    return Promise.race([this.answer(request), aborted]);
  }

  /** Without what sessions need. */
  get attack(): readonly Sent[] {
    return this.sent.filter(({ localAddress }) => localAddress !== neutral);
  }
}

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(value)) };
}

function signingIn({ url, body }: HttpRequest): HttpResponse {
  if (url.endsWith("/api/create-user")) return json(201, {});
  if (!url.endsWith("/api/login")) return json(401, {});
  const user = (JSON.parse(String(body)) as { email: string }).email.split("@")[0];
  return json(200, { token: `token-of-${user}-at-${(clock.nowMs() - startMs) / 1000}`, expires_in: 3600 });
}

const neutral = "127.0.253.232";
let clock: VirtualClock;
let platform: PretendPlatform;
let tally: RequestTally;
let stopping: AbortController;
/** What was broken and mended, when. */
let faultLog: string[];

beforeEach(() => {
  clock = new VirtualClock(startMs, () => new Promise((resolve) => setImmediate(resolve)));
  platform = new PretendPlatform();
  tally = new RequestTally();
  stopping = new AbortController();
  faultLog = [];
});

function world(changes: Partial<DrillWorld> = {}): DrillWorld {
  const log = (what: string): unknown => faultLog.push(`${what} ${(clock.nowMs() - startMs) / 1000}`);
  return {
    clock,
    transport: platform,
    targetUrl: "http://target:5000",
    sourceAddress: (index) => `127.0.${index >> 8}.${index & 255}`,
    runId: "r1",
    random: () => 0.7,
    faults: {
      refusal: () => null,
      inject: async (fault) => {
        log(`break ${fault}`);
        return async () => void log(`mend ${fault}`);
      },
    },
    rmap: null,
    tally,
    signal: stopping.signal,
    ...changes,
  };
}

/** Plays steps until they end; gives the seconds that took. */
async function play(steps: string, changes: Partial<DrillWorld> = {}): Promise<number> {
  const text = `drill: D0\nname: d\ntitle: d\nexpect: [{ alert: A }]\n${steps}`;
  const state = { endedMs: 0 };
  const work = runSteps(loadDrillFile(text, "d.yml"), world(changes)).finally(() => {
    state.endedMs = clock.nowMs();
  });
  work.catch(() => undefined);
  while (state.endedMs === 0) await clock.advance(100);
  await work;
  return (state.endedMs - startMs) / 1000;
}

const get = "request: { method: GET, path: /x }";

test.each([
  { timing: "{ rate: 3, for: 10s }", count: 30, lastMs: 9667, ends: 10 },
  { timing: "{ rate: 7, for: 10s }", count: 70, lastMs: 9858, ends: 10 },
  { timing: "{ rate: 24, times: 48 }", count: 48, lastMs: 1959, ends: 2 },
  { timing: "{ every: 20s, for: 1m }", count: 3, lastMs: 40_000, ends: 60 },
  { timing: "{ every: 3s, times: 4, for: 1h }", count: 4, lastMs: 9000, ends: 9 },
  { timing: "{ rate: 500, for: 1s }", count: 500, lastMs: 998, ends: 1 },
  { timing: "{ times: 1 }", count: 1, lastMs: 0, ends: 0 },
])("$timing is kept", async ({ timing, count, lastMs, ends }) => {
  const seconds = await play(`steps: [{ ${get}, ${timing.slice(1, -1)} }]`);
  expect(platform.sent.length).toBe(count);
  expect(platform.sent.at(-1)?.afterMs).toBe(lastMs);
  expect(seconds).toBeCloseTo(ends, 0);
  expect(tally.sentCount).toBe(count);
});

test("a platform that is slow gets 64 requests at once and no more, and the rest when it answers", async () => {
  platform.answer = async () => {
    await clock.sleep(5000);
    return json(401, {});
  };
  await play(`steps: [{ ${get}, rate: 100, times: 130 }]`);
  const times = platform.sent.map(({ afterMs }) => Math.floor(afterMs / 1000));
  expect([0, 5, 10].map((second) => times.filter((time) => time === second).length)).toEqual([64, 64, 2]);
});

test("addresses take turns, or every request has its own", async () => {
  await play(`steps:
    - { ${get}, rate: 10, times: 5, sources: 2 }
    - { ${get}, rate: 10, times: 3, sources: each }`);
  const addresses = platform.sent.map(({ localAddress }) => localAddress?.slice("127.0.0.".length));
  expect(addresses).toEqual(["0", "1", "0", "1", "0", "0", "1", "2"]);
});

test("a request is filled with its values, and sent to the target without following it elsewhere", async () => {
  const request = `{ method: POST, path: "/a/\${n}?s=\${source}", headers: { x-a: "\${random:3}" },
      json: { "k": ["\${run}", 1, true] } }`;
  await play(`steps: [{ request: ${request}, rate: 1, times: 2 }]`);
  expect(platform.sent[1]).toMatchObject({
    method: "POST",
    url: "http://target:5000/a/1?s=127.0.0.0",
    headers: { "x-a": "bbb", "content-type": "application/json" },
    body: '{"k":["r1",1,true]}',
    localAddress: "127.0.0.0",
    followsRedirects: false,
  });
});

test("an upload is a form with one file", async () => {
  const request = `{ method: POST, path: /u, upload: { payload: plain, name: '../"\${n}.pdf' } }`;
  await play(`steps: [{ request: ${request}, times: 1 }]`);
  const { headers, body } = platform.sent[0]!;
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers?.["content-type"] ?? "")?.[1] ?? "";
  const form = Buffer.from(body as Uint8Array).toString("latin1");
  expect(
    form.startsWith(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="../%220.pdf"\r\n`),
  ).toBe(true);
  expect(form).toContain("\r\n\r\n%PDF-1.7\n");
  expect(form.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
});

test("a user signs up once, from another address, before the first step, and is not counted", async () => {
  await play(`steps:
    - wait: 10s
    - { request: { method: GET, path: /x, as: mallory }, rate: 2, times: 3 }
    - { request: { method: GET, path: "/\${token:mallory}" }, times: 1 }`);
  const [signUp, login, ...rest] = platform.sent;
  expect([signUp, login].map((sent) => [sent?.url, sent?.afterMs, sent?.localAddress])).toEqual([
    ["http://target:5000/api/create-user", 0, neutral],
    ["http://target:5000/api/login", 0, neutral],
  ]);
  expect(rest.map(({ headers }) => headers?.["authorization"])).toEqual([
    ...Array.from({ length: 3 }, () => "Bearer token-of-drill-mallory-r1-at-0"),
    undefined,
  ]);
  expect(rest[3]?.url).toBe("http://target:5000/token-of-drill-mallory-r1-at-0");
  expect(tally.sentCount).toBe(4);
  expect(tally.firstSentMs).toBe(startMs + 10_000);
});

test("users take turns", async () => {
  await play(`steps: [{ request: { method: GET, path: /x, as: loader }, rate: 10, times: 5, users: 2 }]`);
  const users = platform.attack.map(({ headers }) => /loader-\d/.exec(headers?.["authorization"] ?? "")?.[0]);
  expect(users).toEqual(["loader-1", "loader-2", "loader-1", "loader-2", "loader-1"]);
});

test("a victim's own words are at hand, and a token is renewed before it ends", async () => {
  const body = `json: { email: "\${email:victim}", password: "\${password:victim}" }`;
  await play(`steps:
    - { request: { method: POST, path: /y, ${body} }, times: 1 }
    - { request: { method: GET, path: /x, as: victim }, every: 20m, times: 4 }`);
  const credentials = String(platform.sent.find(({ url }) => url.endsWith("/api/login"))?.body);
  expect(platform.attack[0]?.body).toBe(credentials);
  expect(platform.attack.slice(1).map(({ headers }) => headers?.["authorization"]?.split("-at-")[1])).toEqual([
    "0",
    "0",
    "2400",
    "2400",
  ]);
  expect(platform.sent.filter(({ url }) => url.endsWith("/api/create-user")).length).toBe(1);
});

test.each([
  { name: "refuses them", answer: () => json(503, {}), error: "answered 503" },
  {
    name: "gives a token that would break a header",
    answer: () => json(200, { token: "a\r\nb: c" }),
    error: "without a token",
  },
  { name: "gives no JSON", answer: () => json(200, "["), error: "without a token" },
])("users whom the platform does not let in send nothing: it $name", async ({ answer, error }) => {
  platform.answer = answer;
  await play(`steps: [{ request: { method: GET, path: /x, as: mallory }, rate: 1, times: 3 }]`);
  expect(platform.attack).toEqual([]);
  expect(tally.lastError).toContain(error);
});

test("what answers say is kept for later, but for what would not fit into a path", async () => {
  const ids = [7, "abc", "../x", { a: 1 }, 9];
  platform.answer = ({ url }) => (url.endsWith("/new") ? json(201, { id: ids.shift() }) : json(200, {}));
  await play(`prepare: [{ request: { method: POST, path: /new }, rate: 10, times: 5, keep: { doc: id } }]
steps: [{ request: { method: GET, path: "/get/\${kept:doc}/\${kept:none}" }, rate: 10, times: 4 }]`);
  expect(platform.sent.slice(5).map(({ url }) => url.slice("http://target:5000".length))).toEqual([
    "/get/7/0",
    "/get/abc/0",
    "/get/9/0",
    "/get/7/0",
  ]);
  expect([tally.sentCount, tally.expectedCount]).toEqual([4, 4]);
});

test("answers are counted, expected ones apart, and silence is no reason to stop", async () => {
  let count = 0;
  platform.answer = () => {
    if (count++ % 2 === 0) throw new HttpTransportError("refused", "connection refused");
    return json(count === 2 ? 500 : 401, {});
  };
  await play(`steps: [{ ${get}, rate: 10, times: 6, answers: [401] }]`);
  expect([...tally.byStatus]).toEqual([
    [500, 1],
    [401, 2],
  ]);
  expect([tally.sentCount, tally.failedCount, tally.expectedCount]).toEqual([6, 3, 2]);
  expect(tally.firstExpectedMs).toBe(startMs + 300);
  expect(tally.lastError).toBe("connection refused");
});

test("faults are broken and mended in their time", async () => {
  const seconds = await play(`steps:
    - { fault: server_down, for: 10s }
    - parallel:
        - [{ fault: server_restart, times: 3, every: 1m, for: 5s }]
        - [{ wait: 30s }, { ${get}, times: 1 }]`);
  expect(faultLog).toEqual([
    "break server_down 0",
    "mend server_down 10",
    "break server_restart 10",
    "mend server_restart 15",
    "break server_restart 70",
    "mend server_restart 75",
    "break server_restart 130",
    "mend server_restart 135",
  ]);
  expect(platform.sent[0]?.afterMs).toBe(40_000);
  expect(seconds).toBe(135);
});

test("a fault without an end lasts until somebody ends the drill, and is mended then, the last first", async () => {
  clock.schedule(300_000, () => stopping.abort());
  const seconds = await play(
    `steps: [{ fault: database_gone }, { wait: 1s }, { fault: slow_answers, times: 2, every: 1m }]`,
  );
  expect(seconds).toBe(300);
  expect(faultLog).toEqual([
    "break database_gone 0",
    "break slow_answers 1",
    "mend slow_answers 61",
    "break slow_answers 61",
    "mend slow_answers 300",
    "mend database_gone 300",
  ]);
});

test.each([
  "{ wait: 1h }",
  `{ ${get}, rate: 1, for: 1h }`,
  "{ fault: server_down, for: 1h }",
  "{ parallel: [[{ wait: 1h }], [{ fault: server_down, for: 1h }]] }",
])("%s ends as soon as the drill does, and leaves nothing broken", async (step) => {
  clock.schedule(10_500, () => stopping.abort());
  expect(await play(`steps: [${step}, { ${get}, times: 1 }]`)).toBe(10.5);
  expect(faultLog.filter((line) => line.startsWith("break")).length).toBe(faultLog.length / 2);
  expect(platform.sent.every(({ afterMs }) => afterMs <= 10_500)).toBe(true);
});

test("requests under way end with the drill", async () => {
  platform.answer = () => new Promise(() => undefined);
  clock.schedule(2_000, () => stopping.abort());
  expect(await play(`steps: [{ ${get}, rate: 1, for: 1h }]`)).toBe(2);
  expect(tally.failedCount).toBe(0);
});

test("a fault that cannot be had here ends all branches, and mends what the others broke", async () => {
  const inject = world().faults.inject;
  const faults: DrillWorld["faults"] = {
    refusal: () => null,
    inject: (fault) => {
      if (fault === "server_down") throw new DrillSetupError("Cannot stop the server: it is not ours", "");
      return inject(fault);
    },
  };
  const steps = `steps: [{ parallel: [[{ fault: database_gone }, { wait: 1h }], [{ wait: 5s }, { fault: server_down }]] }]`;
  await expect(play(steps, { faults })).rejects.toThrow("Cannot stop the server");
  expect(faultLog).toEqual(["break database_gone 0", "mend database_gone 5"]);
  expect(clock.nowMs() - startMs).toBeLessThan(6000);
});

test("a drill that was ended before it began does nothing", async () => {
  stopping.abort();
  await play(`steps: [{ fault: server_down }, { ${get}, times: 1 }]`);
  expect([platform.sent, faultLog]).toEqual([[], []]);
});
