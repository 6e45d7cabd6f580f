import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess, startTarget, type TestServer } from "../lib/engine-process.ts";
import { freePorts, until } from "../lib/processes.ts";

/** Minutes of work where it is not cut short. */
const heavyQuery = "max_over_time(sum(count_over_time(m[1m]) + rate(m[1m]))[1d:1s])";

let folder: string;
let engine: EngineProcess;
let target: TestServer;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-sockets-"));
  const body = Array.from({ length: 2000 }, (_, index) => `m{series="${index}"} ${index}\n`).join("");
  target = await startTarget(() => body);
  [port] = (await freePorts(1)) as [number];
  engine = new EngineProcess(folder, port);
  engine.write(
    "prometheus.yml",
    `scrape_configs: [{ job_name: app, scrape_interval: 1s, static_configs: [{ targets: ["${target.address}"] }] }]\n`,
  );
  await engine.start(["--query.max-concurrency=1", "--query.timeout=20s"]);
  await until("samples", async () => ((await engine.values("count(m)"))[0] ?? 0) === 2000);
}, 60_000);
afterAll(async () => {
  await engine.stop();
  await target.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const queryUrl = (query: string, more = ""): string =>
  `${engine.url}/api/v1/query?query=${encodeURIComponent(query)}${more}`;

/** Writes bytes as they are and gives what comes back until that is enough, the connection ends, or patience does. */
async function exchange(text: string, isEnough: (answer: string) => boolean, patienceMs = 20_000): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  const ended = new Promise<void>((resolve) => {
    socket.setTimeout(patienceMs, resolve);
    socket.on("close", () => resolve());
    socket.on("data", (bytes) => {
      answer += bytes;
      if (isEnough(answer)) resolve();
    });
  });
  socket.on("error", () => undefined);
  socket.write(text);
  await ended;
  socket.destroy();
  return answer;
}

const firstLine = /^.*\r\n/;

describe("bytes on a socket", () => {
  test.each([
    { name: "no HTTP", text: "hello\r\n\r\n", status: 400 },
    { name: "TLS", text: "\u0016\u0003\u0001\u0002\u0000\r\n\r\n", status: 400 },
    { name: "no Host", text: "GET /-/healthy HTTP/1.1\r\n\r\n", status: 400 },
    {
      name: "two lengths",
      text: "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      status: 400,
    },
    {
      name: "length and chunks",
      text: "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      status: 400,
    },
    {
      name: "a header of a megabyte",
      text: `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(1_000_000)}\r\n\r\n`,
      status: 431,
    },
    { name: "an unknown method", text: "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", status: 400 },
    { name: "a path with NUL", text: "GET /\u0000 HTTP/1.1\r\nHost: localhost\r\n\r\n", status: 400 },
    { name: "a path outside", text: "GET /../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", status: 404 },
    { name: "a foreign name", text: "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", status: 403 },
    {
      name: "an absolute URL of another host",
      text: "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      status: 403,
    },
  ])("$name is answered with $status", async ({ text, status }) => {
    const answer = await exchange(text, (soFar) => firstLine.test(soFar));
    expect(answer.split("\r\n")[0]).toContain(` ${status} `);
  });

  test("requests in one go are answered in order", async () => {
    const one = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    // Its end is that of the connection.
    const answer = await exchange(one.repeat(2) + last, () => false);
    expect(answer.match(/Prometheus Server is Healthy/g)).toHaveLength(3);
  });

  test("a body that never ends holds one connection, not the engine", async () => {
    const slow = exchange(
      "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nquery=",
      () => true,
      1000,
    );
    expect((await fetch(`${engine.url}/-/healthy`)).status).toBe(200);
    expect(await slow).toBe("");
  });

  test("two hundred idle connections are no obstacle", async () => {
    const sockets = Array.from({ length: 200 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    await setTimeout(100);
    expect((await fetch(`${engine.url}/-/healthy`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe("a heavy query", () => {
  test("leaves room for scrapes and other requests", async () => {
    const query = fetch(queryUrl(heavyQuery, "&timeout=300ms"));
    const latenciesMs: number[] = [];
    const ended = query.then(() => true);
    while (!(await Promise.race([ended, setTimeout(5, false)]))) {
      const askedMs = performance.now();
      await (await fetch(`${engine.url}/-/healthy`)).text();
      latenciesMs.push(performance.now() - askedMs);
    }
    const answer = await query;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: "error",
      errorType: "timeout",
      error: "query timed out in expression evaluation",
    });
    latenciesMs.sort((left, right) => left - right);
    const [median, worst] = [latenciesMs[latenciesMs.length >> 1]!, latenciesMs.at(-1)!];
    console.log(
      `beside a heavy query: ${latenciesMs.length} requests, median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`,
    );
    // How fast is printed and not asserted, for machines differ; that others are answered meanwhile is what must hold.
    expect(latenciesMs.length).toBeGreaterThan(0);
  }, 30_000);

  test("waits in line, and is told so when its time is up there", async () => {
    const gone = new AbortController();
    const running = fetch(queryUrl(heavyQuery), { signal: gone.signal }).catch(() => undefined);
    await setTimeout(200);
    const queued = await fetch(queryUrl("vector(1)", "&timeout=300ms"));
    expect([queued.status, await queued.json()]).toEqual([
      503,
      { status: "error", errorType: "timeout", error: "query timed out in query queue" },
    ]);
    gone.abort();
    await running;
  }, 30_000);

  test("ends when its client is gone: the next one has its place", async () => {
    for (let round = 0; round < 3; round++) {
      const gone = new AbortController();
      const running = fetch(queryUrl(heavyQuery), { signal: gone.signal }).catch(() => undefined);
      await setTimeout(200);
      const startedMs = performance.now();
      const next = fetch(queryUrl("vector(1)"));
      await setTimeout(50);
      gone.abort();
      await running;
      expect((await next).status).toBe(200);
      expect(performance.now() - startedMs).toBeLessThan(3000);
    }
  }, 30_000);

  test("by the hundred, from clients that all go, leaves nothing behind", async () => {
    const gone = new AbortController();
    const asked = Array.from({ length: 200 }, () =>
      fetch(queryUrl(heavyQuery), { signal: gone.signal }).catch(() => undefined),
    );
    await setTimeout(500);
    gone.abort();
    await Promise.all(asked);
    expect((await fetch(queryUrl("vector(1)"))).status).toBe(200);
  }, 30_000);
});

test("nothing of this is a defect in the log", () => {
  expect(engine.process.output).not.toMatch(/"level":50|Unhandled|Cannot answer/);
});
