import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createSystemClock } from "@tatou/http";
import { MemoryStore, makeMatcher } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import { afterEach, expect, test } from "vitest";
import { ScrapeManager } from "./scrape-manager.ts";
import { scrapeConfig } from "./testing/scrape-config.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serveMetrics(): Promise<{ server: Server; port: number }> {
  let count = 0;
  const server = createServer((request, response) => {
    const isAsked = request.headers.authorization === `Basic ${btoa("prom:secret")}`;
    response.writeHead(isAsked ? 200 : 401, { "content-type": "text/plain", "content-encoding": "gzip" });
    response.end(gzipSync(`requests_total{host="${request.headers.host}"} ${++count}\n`));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** However busy the machine is. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1000 && !(await holds()); attempt++) await wait(10);
}

test("scrapes a real server by its service name, notices when it goes away, and ends", async () => {
  const { server, port } = await serveMetrics();
  const store = new MemoryStore();
  const manager = new ScrapeManager({
    appendable: store,
    clock: createSystemClock(),
    resolve: new Map([["server:5000", { host: "127.0.0.1", port }]]),
  });
  cleanups.push(() => manager.close());
  const config = scrapeConfig({
    jobName: "tatou",
    targets: ["server:5000"],
    // Long enough that a busy machine makes no gap.
    scrapeIntervalMs: 300,
    scrapeTimeoutMs: 300,
  });
  const password = { value: "secret" };
  const credentials = { kind: "basic", username: "prom", usernameFile: null, password } as const;
  manager.apply({ scrapeConfigs: [{ ...config, httpClient: { ...config.httpClient, credentials } }] });
  const requests = { matchers: [makeMatcher("__name__", "=", "requests_total")], minTimeMs: 0, maxTimeMs: 2 ** 50 };
  await until(async () => ((await readAll(store, requests))[0]?.samples.length ?? 0) >= 5);
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await until(() => manager.activeTargets().some(({ lastError }) => lastError.includes("refused")));
  const [target] = manager.activeTargets();
  await manager.close();
  expect(target).toMatchObject({
    health: "down",
    url: "http://server:5000/metrics",
    lastError: `Get "http://server:5000/metrics": dial tcp 127.0.0.1:${port}: connect: connection refused`,
  });
  const [series] = await readAll(store, requests);
  expect(series?.labels).toMatchObject({ host: "server:5000", instance: "server:5000", job: "tatou" });
  const values = series?.samples.map(([, value]) => value) ?? [];
  expect(values.length).toBeGreaterThanOrEqual(5);
  expect(values.at(-1)).toBe("stale");
  expect(values.slice(0, -1)).toEqual(values.slice(0, -1).map((_, index) => index + 1));
});
