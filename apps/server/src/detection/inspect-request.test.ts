/** That what the detectors recognise is counted, once, wherever a request can bring it, and that ordinary work counts nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyText, type HttpRequest, VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer, type TatouServer } from "../create-server.ts";
import { readServerSettings } from "../settings.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { uploadForm } from "../testing/test-server.ts";

const peer = { remoteAddress: "127.0.0.9" };
const password = "correct horse";
let folder: string;
let server: TatouServer;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-detection-"));
  const clock = new VirtualClock(Date.UTC(2026, 0, 1), () => new Promise((resolve) => setImmediate(resolve)));
  const env = { STORAGE_DIR: folder, SQLITE_PATH: ":memory:", RATE_LIMIT_GLOBAL_PER_MINUTE: "100000" };
  const settings = readServerSettings({ ...env, RATE_LIMIT_SIGNUP_PER_10MIN: "1000" });
  server = await createServer({ settings, clock, log: { write: () => undefined }, withProcessMetrics: false });
  await post("/api/create-user", { email: "ann@example.org", login: "ann", password });
  const { body } = await post("/api/login", { email: "ann@example.org", password });
  token = (JSON.parse(bodyText({ body })) as { token: string }).token;
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function send(request: HttpRequest) {
  return server.handle({ ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } }, peer);
}

function post(path: string, fields: unknown) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return server.handle({ method: "POST", url: path, headers, body: JSON.stringify(fields) }, peer);
}

const get = (url: string) => send({ method: "GET", url });
const upload = (form: { fileName?: string; name?: string }) => {
  const { headers, body } = uploadForm(pdfSamples.plain, form);
  return send({ method: "POST", url: "/api/upload-document", headers, body });
};

const watched = ["sql_injection_attempt", "path_traversal_attempt", "xss_attempt", "plugin_load_attempt"];

async function counts(): Promise<ReadonlyMap<string, number>> {
  const { body } = await server.handle({ method: "GET", url: "/metrics" }, peer);
  const found = new Map<string, number>();
  for (const line of bodyText({ body }).split("\n")) {
    const [, name, type, value] =
      /^(security_events_total|sql_errors_total)\{(?:event_type="(\w+)")?.*\} (\d+)$/.exec(line) ?? [];
    if (name === "sql_errors_total") found.set(name, (found.get(name) ?? 0) + Number(value));
    if (type !== undefined && watched.includes(type)) found.set(type, Number(value));
  }
  return found;
}

/** What the work moved, of the signs of attack. */
async function moved(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counts();
  await work();
  const changes = [...(await counts())].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

const injections = [
  "' ORDER BY 5--",
  "'||(SELECT '')||'",
  "'; WAITFOR DELAY '0:0:5'--",
  "1 AND SLEEP(5)",
  "' AND 1=CONVERT(int,@@version)--",
  `" OR ""="`,
  "-1 UN/**/ION SEL/**/ECT 1,2",
  "'\toR\n1=1",
  "%27%20OR%201%3D1",
  "%2527 OR 1=1",
];

const entries: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  "a path": (text) => get(`/api/list-versions/${encodeURIComponent(text)}`),
  "a path that there is not": (text) => get(`/shop/items/${encodeURIComponent(text)}`),
  "a link": (text) => get(`/api/get-version/${encodeURIComponent(text)}`),
  "a query": (text) => get(`/api/list-documents?q=${encodeURIComponent(text)}`),
  "a query behind a path that nobody can decode": (text) => get(`/%zz?q=${encodeURIComponent(text)}`),
  "a query without a name": (text) => get(`/healthz?${encodeURIComponent(text)}`),
  "the id in a body": (text) => post("/api/delete-document", { id: text }),
  "the email of a login": (text) => post("/api/login", { email: text, password }),
  "the login of a new user": (text) => post("/api/create-user", { email: "b@example.org", login: text, password }),
  "a field that should be a text": (text) => post("/api/login", { email: [{ $ne: text }], password }),
  "a recipient": (text) =>
    post("/api/create-watermark/1", { method: "toy-eof", intended_for: text, secret: "s", key: "k" }),
};

const uploadEntries: typeof entries = {
  "the name of a file": (text) => upload({ fileName: `${text.replaceAll('"', '\\"').replaceAll("\n", "%0a")}.pdf` }),
  "the name of an upload": (text) => upload({ name: text }),
};

test.each(Object.entries({ ...entries, ...uploadEntries }))("injections count in %s", async (_place, bring) => {
  for (const text of injections) {
    const attack = await moved(() => bring(text));
    expect({ text, attack }).toMatchObject({ text, attack: { sql_injection_attempt: 1, sql_errors_total: 1 } });
  }
});

const climbs = ["../../etc/passwd", "....//....//etc/passwd", String.raw`..\..\x`, "%252e%252e%252f%252e%252e%252fx"];

test.each([
  { place: "a path", bring: (text: string) => get(`/files/${encodeURIComponent(text)}`) },
  { place: "an id", bring: (text: string) => get(`/api/get-document/${encodeURIComponent(text)}`) },
  { place: "a query that names a file", bring: (text: string) => get(`/healthz?file=${encodeURIComponent(text)}`) },
  { place: "any other query", bring: (text: string) => get(`/healthz?x=${encodeURIComponent(text)}`) },
  { place: "a login", bring: (text: string) => entries["the login of a new user"]!(text) },
  { place: "a file name in a body", bring: (text: string) => post("/api/load-plugin?", { filename: text }) },
  {
    place: "the name of a file",
    bring: (text: string) => upload({ fileName: `${text.replaceAll("\\", "\\\\")}.pdf` }),
  },
  { place: "the name of an upload", bring: (text: string) => upload({ name: text }) },
])("traversals count in $place", async ({ bring }) => {
  for (const text of climbs) {
    const attack = await moved(() => bring(text));
    expect({ text, attack }).toMatchObject({ text, attack: { path_traversal_attempt: 1 } });
  }
});

test.each([
  { url: "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", isAttempt: true },
  { url: "/static/..;/..;/x", isAttempt: true },
  { url: "/....//....//x", isAttempt: true },
  { url: "//etc/passwd", isAttempt: true },
  { url: "/healthz?file=%c0%ae%c0%ae/x", isAttempt: true },
  { url: "/healthz?path=/etc/passwd", isAttempt: true },
  { url: "/healthz?x=/etc/passwd", isAttempt: true },
  { url: "/healthz?file=C:%5Cwindows", isAttempt: true },
  { url: "/healthz?file=file:///x", isAttempt: true },
  { url: "/healthz?file=x%00.pdf", isAttempt: true },
  { url: "/healthz?file=report..pdf", isAttempt: false },
  { url: "/healthz?q=../x", isAttempt: false },
  { url: "/healthz?next=/documents", isAttempt: false },
])("$url counts as a traversal: $isAttempt", async ({ url, isAttempt }) => {
  expect(await moved(() => get(url))).toEqual(isAttempt ? { path_traversal_attempt: 1 } : {});
});

test.each([
  { method: "POST", url: "/api/load-plugin", isCall: true },
  { method: "POST", url: "/api/load-plugin/", isCall: true },
  { method: "GET", url: "/api/load-plugin", isCall: true },
  { method: "HEAD", url: "/api/load-plugin?x=1", isCall: true },
  { method: "PUT", url: "/api/load-plugin", isCall: true },
  { method: "POST", url: "/API/Load-Plugin", isCall: true },
  { method: "POST", url: "//api/load-plugin", isCall: true },
  { method: "POST", url: "/api//load-plugin", isCall: true },
  { method: "POST", url: "/api/./load-plugin", isCall: true },
  { method: "POST", url: "/api/%6coad-plugin", isCall: true },
  { method: "POST", url: "/api/load-plugin;x=1", isCall: true },
  { method: "POST", url: "/api/load-plugin.json", isCall: true },
  { method: "POST", url: "/api/load-plugin/evil.pkl", isCall: true },
  { method: "POST", url: "http://server:5000/api/load-plugin", isCall: true },
  { method: "OPTIONS", url: "/api/load-plugin", isCall: false },
  { method: "POST", url: "/api/load-plugins", isCall: false },
  { method: "GET", url: "/load-plugin-guide.html", isCall: false },
  { method: "GET", url: "/healthz?from=/api/load-plugin", isCall: false },
] as const)("$method $url calls the plugin route: $isCall", async ({ method, url, isCall }) => {
  const request = { method: method as HttpRequest["method"], url };
  expect(await moved(() => send(request))).toEqual(isCall ? { plugin_load_attempt: 1 } : {});
});

test("one request counts each sign once, however often it has it", async () => {
  const fields = { email: "' OR 1=1--", login: "../<svg/onload=x>' OR 1=1--", id: ["1 OR 1=1", "../x"], password };
  const attack = await moved(() =>
    send({
      method: "POST",
      url: "/api/create-user?q=' OR 1=1--&id=1 OR 1=1&file=../x&link=../y".replaceAll(" ", "+"),
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    }),
  );
  expect(attack).toEqual({ sql_injection_attempt: 1, sql_errors_total: 1, path_traversal_attempt: 1, xss_attempt: 1 });
});

test("secrets, and headers that nobody reads, may hold anything", async () => {
  const text = "../../' OR 1=1 -- <script>x</script>";
  const headers = { "user-agent": text, referer: text, "x-forwarded-for": text, cookie: text };
  const quiet = await moved(async () => {
    await post("/api/login", { email: "ann@example.org", password: text });
    await post("/api/create-watermark/1", {
      method: "toy-eof",
      intended_for: "Ann",
      secret: text,
      key: text,
      position: text,
    });
    await post("/api/rmap-initiate", { payload: text });
    await send({ method: "GET", url: "/api/list-documents", headers });
  });
  expect(quiet).toEqual({});
});

test("a day of ordinary work under odd names counts nothing", async () => {
  requirePdfWorker();
  const names = [
    "O'Brien -- v2.pdf",
    "SELECT committee minutes.pdf",
    "Rock 'n' Roll.pdf",
    "R&D -- draft; update 2.pdf",
    "AC/DC (1).pdf",
    "drop-off table, 2 or 3 = few.pdf",
    "50% discount -- offer.pdf",
    "invoice #4711.pdf",
    "JavaScript: The Good Parts.pdf",
  ];
  const quiet = await moved(async () => {
    for (const name of names) {
      const answer = await upload({ fileName: name, name });
      expect(answer.status).toBe(201);
      const { id } = JSON.parse(bodyText(answer)) as { id: number };
      const mark = { method: "toy-eof", secret: "s", key: "k", intended_for: name };
      expect((await post(`/api/create-watermark/${id}`, mark)).status).toBe(201);
      await get(`/api/list-versions?documentid=${id}&title=${encodeURIComponent(name)}`);
      await get(`/api/get-version/${"q".repeat(43)}`);
      await send({ method: "DELETE", url: `/api/delete-document/${id}` });
    }
  });
  expect(quiet).toEqual({});
});
