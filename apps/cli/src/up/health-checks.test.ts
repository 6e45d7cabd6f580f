import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { VirtualClock } from "@tatou/model";
import { expect, test } from "vitest";
import { checkHealth } from "./health-checks.ts";

test("asks every ten seconds, also after a failure, until told to stop", async () => {
  const clock = new VirtualClock(0);
  const timesMs: number[] = [];
  const server = createServer((request, response) => {
    timesMs.push(clock.nowMs());
    expect(request.url).toBe("/healthz");
    if (timesMs.length === 2) request.socket.destroy();
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ending = new AbortController();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const done = checkHealth(url, { clock, signal: ending.signal });
  while (timesMs.length < 4) await clock.advance(10_000);
  ending.abort();
  await done;
  expect(timesMs).toEqual([0, 10_000, 20_000, 30_000]);
  server.close();
});
