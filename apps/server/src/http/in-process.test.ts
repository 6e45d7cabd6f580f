import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { bodyText, type HttpRequest, HttpTransportError, VirtualClock } from "@tatou/model";
import fastify from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createServer, type TatouServer } from "../create-server.ts";
import { readServerSettings } from "../settings.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { uploadForm } from "../testing/test-server.ts";
import { inProcessHandler } from "./in-process.ts";

const startMs = Date.UTC(2026, 0, 1);
let clock: VirtualClock;
let folder: string;
let server: TatouServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-virtual-"));
  clock = new VirtualClock(startMs, () => new Promise((resolve) => setImmediate(resolve)));
  const settings = readServerSettings({ STORAGE_DIR: folder, SQLITE_PATH: ":memory:" });
  const log = { write: () => undefined };
  server = await createServer({ settings, clock, log, withProcessMetrics: false });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const peer = { remoteAddress: "127.0.0.9" };

function login(password: string): HttpRequest {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ email: "ann@example.org", password });
  return { method: "POST", url: "http://server:5000/api/login", headers, body };
}

async function value(series: string): Promise<number> {
  const { body } = await server.handle({ method: "GET", url: "http://server:5000/metrics" }, peer);
  const line = bodyText({ body })
    .split("\n")
    .find((text) => text.startsWith(`${series} `));
  return Number(line?.split(" ").at(-1));
}

test("an attack of two and a half minutes is played in virtual time", async () => {
  let sentCount = 0;
  const attack = async (): Promise<void> => {
    for (; sentCount < 3_000; sentCount++) {
      await clock.sleep(50);
      void server.handle(login("a guess"), peer);
    }
  };
  void attack();
  await clock.advance(150_000);
  expect(sentCount).toBe(3_000);
  // The global limit of 1200 a minute is just not reached: every refusal is the login's own.
  expect(await value('auth_failures_total{client_ip="127.0.0.9"}')).toBe(3_000);
  expect(await value('http_requests_total{method="POST",endpoint="/api/login",http_status="401"}')).toBe(15);
});

test("virtual time waits for password hashes and for PDF checks", async () => {
  requirePdfWorker();
  const fields = { email: "ann@example.org", login: "ann", password: "correct horse" };
  const headers = { "content-type": "application/json" };
  await server.handle({ method: "POST", url: "/api/create-user", headers, body: JSON.stringify(fields) }, peer);
  let stored = 0;
  clock.schedule(1_000, () => {
    void clock.track(
      (async () => {
        const { token } = JSON.parse(bodyText(await server.handle(login(fields.password), peer))) as { token: string };
        const form = uploadForm(pdfSamples.plain);
        const authorized = { ...form.headers, authorization: `Bearer ${token}` };
        const upload = { method: "POST", url: "/api/upload-document", headers: authorized, body: form.body } as const;
        stored = (await server.handle(upload, peer)).status;
      })(),
    );
  });
  await clock.advance(2_000);
  expect(stored).toBe(201);
});

test.each([
  { url: "http://server:5000/../../etc/passwd", status: 404 },
  { url: "http://server:5000/static/%2e%2e/x", status: 404 },
  { url: "/api/get-version/..%2f..%2fetc", status: 404 },
])("$url arrives as it was written", async ({ url, status }) => {
  expect((await server.handle({ method: "GET", url }, peer)).status).toBe(status);
  expect(await value('security_events_total{event_type="path_traversal_attempt",severity="high"}')).toBe(1);
});

test("a page comes without its body when only its headers are asked for, and so does an error", async () => {
  const answer = async (method: "GET" | "HEAD", url: string) => server.handle({ method, url }, peer);
  const [page, head] = [await answer("GET", "/"), await answer("HEAD", "/")];
  expect(page.body.length).toBeGreaterThan(0);
  expect(head).toMatchObject({ status: 200, headers: { "content-length": String(page.body.length) } });
  const missing = await answer("HEAD", "/nowhere");
  expect([missing.status, head.body.length, missing.body.length]).toEqual([404, 0, 0]);
});

test("a body that is not what its header says is refused", async () => {
  const request = login("a guess");
  const headers = { ...request.headers, "content-length": "7" };
  expect((await server.handle({ ...request, headers }, peer)).status).toBe(400);
});

test("answers have lower-case headers and a body of bytes", async () => {
  const answer = await server.handle({ method: "GET", url: "http://server:5000/healthz?x=1#y" }, peer);
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(JSON.parse(bodyText(answer))).toMatchObject({ db_connected: true });
});

test("an answer that breaks off is an error, as on a socket", async () => {
  const app = fastify();
  app.get("/broken", (_request, reply) => {
    reply.send(
      Readable.from(
        (function* () {
          yield "the beginning";
          throw new Error("the disk is gone");
        })(),
      ),
    );
  });
  await app.ready();
  const answer = inProcessHandler(app, clock)({ method: "GET", url: "/broken" }, peer);
  await expect(answer).rejects.toThrow(HttpTransportError);
});
