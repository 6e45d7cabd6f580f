import { VirtualClock } from "@tatou/model";
import { describeHttpTransport } from "@tatou/model/testing";
import { expect, test } from "vitest";
import { nodeYieldTurn } from "../clock/node-clock.ts";
import type { HostAndPort } from "./address-book.ts";
import { InProcessTransport } from "./in-process-transport.ts";

describeHttpTransport("InProcessTransport", (programs) => {
  const clock = new VirtualClock(0, nodeYieldTurn);
  const resolve = new Map<string, HostAndPort>([["nobody:80", { host: "127.0.0.1", port: 1 }]]);
  return {
    transport: new InProcessTransport({ clock, handlers: programs, resolve }),
    pass: (durationMs) => clock.advance(durationMs),
  };
});

test("a program that waits on the same clock answers in virtual time", async () => {
  const clock = new VirtualClock(0, nodeYieldTurn);
  const slow = async (): Promise<{ status: number; headers: Record<string, string>; body: Uint8Array }> => {
    await clock.sleep(1000);
    return { status: 200, headers: {}, body: new Uint8Array() };
  };
  const transport = new InProcessTransport({ clock, handlers: new Map([["slow:80", slow]]) });
  const send = (timeoutMs: number): Promise<unknown> =>
    transport.send({ method: "GET", url: "http://slow/", timeoutMs }).then(
      ({ status }) => status,
      (error: unknown) => error,
    );
  const [late, inTime] = await Promise.all([send(999), send(1001), clock.advance(2000)]);
  expect(late).toMatchObject({ code: "timeout" });
  expect(inTime).toBe(200);
});

test("sends what http_config asks for", async () => {
  const clock = new VirtualClock(0, nodeYieldTurn);
  let seen: unknown;
  const transport = new InProcessTransport({
    clock,
    handlers: new Map([
      [
        "app:80",
        async (request) => {
          seen = request.headers;
          return { status: 200, headers: {}, body: new Uint8Array() };
        },
      ],
    ]),
    httpConfig: {
      credentials: { kind: "authorization", type: "Bearer", credentials: { value: "token" } },
      headers: [{ name: "X-Own", values: ["a", "b"] }],
    },
  });
  await transport.send({ method: "GET", url: "http://app/" });
  expect(seen).toEqual({ authorization: "Bearer token", "x-own": "a, b" });
});
