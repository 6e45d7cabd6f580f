import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MetricsDisguise } from "@tatou/assurance";
import { SocketTransport } from "@tatou/http";
import { bodyText, type HttpResponse } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MetricsProxy } from "./metrics-proxy.ts";

let platform: Server;
let disguise: MetricsDisguise;
let proxy: MetricsProxy;
const transport = new SocketTransport();

beforeEach(async () => {
  platform = createServer((request, response) => {
    response.writeHead(request.url === "/metrics" ? 200 : 404, { "content-type": "text/plain; version=0.0.4" });
    response.end("# TYPE up gauge\nsecurity_events_total 1\nother 2\n");
  });
  await new Promise<void>((resolve) => platform.listen({ host: "127.0.0.1", port: 0 }, resolve));
  disguise = new MetricsDisguise();
  const { port } = platform.address() as AddressInfo;
  proxy = await MetricsProxy.open({ targetUrl: `http://127.0.0.1:${port}`, disguise });
});
afterEach(async () => {
  await proxy.close();
  platform.closeAllConnections();
  platform.close();
});

const scrape = (path = "/metrics"): Promise<HttpResponse> =>
  transport.send({ method: "GET", url: `http://127.0.0.1:${proxy.port}${path}`, timeoutMs: 5_000 });

test("a scrape gets what the platform says, until it is disguised", async () => {
  const answer = await scrape();
  expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4");
  expect(bodyText(answer)).toBe("# TYPE up gauge\nsecurity_events_total 1\nother 2\n");
  expect((await scrape("/else")).status).toBe(404);
  const end = disguise.begin("security_metrics_gone");
  expect(bodyText(await scrape())).toBe("# TYPE up gauge\nother 2\n");
  end();
  expect(bodyText(await scrape())).toContain("security_events_total");
});

test("a platform that does not answer is a scrape that fails", async () => {
  platform.closeAllConnections();
  await new Promise((resolve) => platform.close(resolve));
  expect((await scrape()).status).toBe(502);
});
