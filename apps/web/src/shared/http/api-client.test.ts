import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { requestJson, requestPrometheus } from "./api-client.ts";
import { ApiError } from "./api-error.ts";

let server: Server;

afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

/** A page whose server does what is told. */
async function open(answer: Parameters<typeof createServer>[1]): Promise<void> {
  server = createServer({}, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetch } = globalThis;
  vi.stubGlobal("window", { setTimeout, clearTimeout });
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => fetch(`${origin}${path}`, init));
}

test.each([
  { what: "never answers", answer: () => undefined },
  {
    what: "stops in the middle",
    answer: (_request: unknown, response: { write: (text: string) => unknown }) => void response.write('{"a": '),
  },
])("a program that $what is given up, in words", async ({ answer }) => {
  await open(answer as Parameters<typeof createServer>[1]);
  const error: unknown = await requestJson("/list", { timeoutMs: 150 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "timeout", status: 0, message: expect.stringContaining("within 0.15 s") });
});

test("who no longer wants the answer gets its own reason", async () => {
  await open(() => undefined);
  const caller = new AbortController();
  const asked = requestJson("/list", { signal: caller.signal });
  const reason = new Error("the page was left");
  caller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

test("an answer in time has no timer behind it", async () => {
  await open((_request, response) => response.end('{"status":"success","data":[1]}'));
  const clear = vi.fn<(timer: NodeJS.Timeout) => void>(clearTimeout);
  vi.stubGlobal("window", { setTimeout, clearTimeout: clear });
  expect(await requestPrometheus("/api/v1/x", {})).toEqual([1]);
  expect(clear).toHaveBeenCalledTimes(1);
});

test.each([
  { path: "/alertmanager", body: '"Cannot store the silence: the disk is full"', message: /^Cannot store the silence/ },
  { path: "/prometheus", body: '{"status":"error","error":"bad query"}', message: /^bad query$/ },
  { path: "/other", body: "oops", message: /^The server answered 507/ },
])("the words of a refusal are found: $path", async ({ body, message }) => {
  await open((_request, response) => response.writeHead(507).end(body));
  await expect(requestJson("/x")).rejects.toThrow(message);
});
