import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { event, TestServer, type UploadForm, uploadForm } from "../testing/test-server.ts";

const uploadMaxBytes = 300_000;

let server: TestServer;
let token: string;

beforeAll(async () => {
  requirePdfWorker();
  server = await TestServer.start({ settings: { uploadMaxBytes } });
  ({ token } = await server.newUser("uploader"));
});

afterAll(() => server.stop());

test("a PDF is stored as it is and described", async () => {
  const answer = await server.upload(pdfSamples.plain, { token, name: "Q3 plan" });
  expect(answer.status).toBe(201);
  expect(answer.json).toMatchObject({ id: expect.any(Number), name: "Q3 plan", size: pdfSamples.plain.length });
  expect(answer.json["sha256"]).toMatch(/^[0-9a-f]{64}$/);
  expect(answer.json["creation"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test.each([
  { what: "no content type", form: { contentType: null } },
  { what: "an octet stream", form: { contentType: "application/octet-stream" } },
  { what: "an upper-case extension", form: { fileName: "REPORT.PDF" } },
  { what: "an apostrophe and dashes", form: { fileName: "O'Brien -- draft; update 2.pdf" } },
])("accepts a part with $what, and moves no error", async ({ form }) => {
  const moved = await server.moved(async () => {
    expect((await server.upload(pdfSamples.plain, { token, ...form })).status).toBe(201);
  });
  expect(moved).toEqual({});
});

test("bytes after the end of the document are allowed", async () => {
  const file = Buffer.concat([pdfSamples.plain, Buffer.from("\n%%WM:v1\nabc\n")]);
  expect((await server.upload(file, { token })).status).toBe(201);
});

interface Refusal {
  readonly errorType: string;
  readonly what: string;
  readonly status: number;
  readonly file: Buffer | string;
  readonly form?: UploadForm;
  readonly events?: Record<string, number>;
  readonly parserErrors?: number;
}

const limit = event("pdf_parser_limit", "high");
const malicious = event("malicious_file_detected", "high");

test.each<Refusal>([
  { errorType: "missing_file", what: "a form without a file", status: 400, file: "x", form: { fieldName: "other" } },
  { errorType: "empty_filename", what: "no name", status: 400, file: pdfSamples.plain, form: { fileName: "" } },
  {
    errorType: "bad_extension",
    what: "another extension",
    status: 415,
    file: pdfSamples.plain,
    form: { fileName: "a.exe" },
  },
  {
    errorType: "bad_mime",
    what: "a web page's type",
    status: 415,
    file: pdfSamples.plain,
    form: { contentType: "text/html" },
  },
  {
    errorType: "bad_mime",
    what: "a text's type",
    status: 415,
    file: pdfSamples.plain,
    form: { contentType: "text/plain" },
  },
  { errorType: "empty_file", what: "nothing", status: 415, file: "" },
  { errorType: "too_large", what: "too many bytes", status: 413, file: Buffer.alloc(uploadMaxBytes + 1, "%PDF-") },
  { errorType: "bad_magic", what: "a web page", status: 415, file: "<html>%PDF-1.7" },
  { errorType: "bad_magic", what: "a pickle", status: 415, file: Buffer.from([0x80, 4, 0x95, 0, 0]) },
  { errorType: "parse_error", what: "a header alone", status: 415, file: "%PDF-1.7\n", parserErrors: 1 },
  { errorType: "parse_error", what: "garbage", status: 415, file: pdfSamples.garbage, parserErrors: 1 },
  { errorType: "parse_error", what: "no pages", status: 415, file: pdfSamples.noPages, parserErrors: 1 },
  { errorType: "parse_error", what: "a page tree in a loop", status: 415, file: pdfSamples.pageLoop, parserErrors: 1 },
  { errorType: "encrypted", what: "a password", status: 415, file: pdfSamples.encrypted },
  { errorType: "malicious", what: "a launch action", status: 415, file: pdfSamples.launch, events: malicious },
  { errorType: "malicious", what: "a script", status: 415, file: pdfSamples.script, events: malicious },
  {
    errorType: "malicious",
    what: "a script in escapes",
    status: 415,
    file: pdfSamples.escapedScript,
    events: malicious,
  },
  { errorType: "malicious", what: "a rendition's script", status: 415, file: pdfSamples.rendition, events: malicious },
  { errorType: "malicious", what: "rich media", status: 415, file: pdfSamples.richMedia, events: malicious },
  {
    errorType: "malicious",
    what: "a script behind a false stream",
    status: 415,
    file: pdfSamples.falseStream,
    events: malicious,
  },
  {
    errorType: "malicious",
    what: "a script in an object stream",
    status: 415,
    file: pdfSamples.hiddenScript,
    events: malicious,
  },
  {
    errorType: "limits",
    what: "too many pages",
    status: 415,
    file: pdfSamples.manyPages,
    events: limit,
    parserErrors: 1,
  },
  { errorType: "limits", what: "deep nesting", status: 415, file: pdfSamples.deep, events: limit, parserErrors: 1 },
])(
  "refuses $what as $errorType, leaving nothing behind",
  async ({ errorType, status, file, form, events, parserErrors }) => {
    const before = server.storedFiles();
    const moved = await server.moved(async () => {
      const answer = await server.upload(file, { token, ...form });
      expect({ status: answer.status, code: answer.json["code"] }).toEqual({ status, code: errorType });
    });
    const parserEvent = errorType === "parse_error" ? event("pdf_parser_error", "medium") : {};
    expect(moved).toEqual({
      [`file_upload_errors_total{error_type="${errorType}",client_ip="127.0.0.1"}`]: 1,
      ...(parserErrors === undefined ? {} : { 'pdf_parser_errors_total{client_ip="127.0.0.1"}': parserErrors }),
      ...event("file_upload_rejected", "low"),
      ...parserEvent,
      ...events,
    });
    expect(server.storedFiles()).toEqual(before);
  },
);

test("refuses a bomb of zeros as limits", async () => {
  const roomy = await TestServer.start();
  const user = await roomy.newUser("bomber");
  const answer = await roomy.upload(pdfSamples.bomb, { token: user.token });
  expect(answer.json["code"]).toBe("limits");
  await roomy.stop();
});

test.each([
  { what: "JSON", headers: { "content-type": "application/json" }, body: "{}" },
  { what: "a large body of another type", headers: { "content-type": "application/pdf" }, body: Buffer.alloc(200_000) },
  { what: "no boundary", headers: { "content-type": "multipart/form-data" }, body: "x" },
  {
    what: "a body that is no form",
    headers: { "content-type": "multipart/form-data; boundary=b" },
    body: "x".repeat(99_999),
  },
  {
    what: "a form that breaks off",
    headers: { "content-type": "multipart/form-data; boundary=b" },
    body: "--b\r\nContent-",
  },
])("refuses $what as malformed_multipart", async ({ headers, body }) => {
  const moved = await server.moved(async () => {
    const answer = await server.send({ method: "POST", path: "/api/upload-document", token, headers, body });
    expect({ status: answer.status, error: answer.json["error"] }).toEqual({
      status: 400,
      error: "file is required (multipart/form-data)",
    });
  });
  expect(moved).toEqual({
    'file_upload_errors_total{error_type="malformed_multipart",client_ip="127.0.0.1"}': 1,
    ...event("file_upload_rejected", "low"),
  });
});

test("a length above the limit is refused without reading on, and without a length while reading", async () => {
  const { headers, body } = uploadForm(Buffer.alloc(uploadMaxBytes * 2, "%PDF-"));
  const chunked = { ...headers, "transfer-encoding": "chunked" };
  const answer = await server.send({ method: "POST", path: "/api/upload-document", token, headers: chunked, body });
  expect(answer.status).toBe(413);
});

test("a client that goes away in the middle counts as aborted, and as 499", async () => {
  const before = server.storedFiles();
  const moved = await server.moved(async () => {
    await new Promise<void>((resolve) => {
      const { headers, body } = uploadForm(Buffer.alloc(100_000, "%PDF-"));
      const request = httpRequest({
        port: server.port,
        method: "POST",
        path: "/api/upload-document",
        headers: { ...headers, authorization: `Bearer ${token}`, "content-length": body.length },
      });
      request.on("error", () => undefined);
      request.on("close", resolve);
      request.write(body.subarray(0, 50_000), () => setTimeout(() => request.destroy(), 50));
    });
    await expect.poll(async () => (await server.scrape()).get(aborted)).toBe(1);
    expect((await server.scrape()).get(clientGone)).toBe(1);
  });
  expect(moved).toEqual({
    [aborted]: 1,
    ...event("file_upload_rejected", "low"),
  });
  expect(server.storedFiles()).toEqual(before);
});

const aborted = 'file_upload_errors_total{error_type="aborted",client_ip="127.0.0.1"}';
const clientGone = 'http_requests_total{method="POST",endpoint="/api/upload-document",http_status="499"}';

test.each([
  { fileName: "../../x.pdf", stored: "x.pdf" },
  { fileName: String.raw`..\..\x.pdf`, stored: "x.pdf" },
  { fileName: "/tmp/x.pdf", stored: "x.pdf" },
])("the name $fileName lands in the owner's folder and counts as a traversal", async ({ fileName, stored }) => {
  const moved = await server.moved(async () => {
    const answer = await server.upload(pdfSamples.plain, { token, fileName });
    expect({ status: answer.status, name: answer.json["name"] }).toEqual({ status: 201, name: stored });
  });
  expect(moved).toEqual(event("path_traversal_attempt", "high"));
  expect(server.storedFiles().every((name) => /^[0-9a-f]{32}\.pdf$/.test(name))).toBe(true);
});

test("markup and injections in a name are kept as text and counted", async () => {
  const name = "<img src=x onerror=alert(1)>";
  const markup = await server.moved(async () => {
    const answer = await server.upload(pdfSamples.plain, { token, name });
    expect(answer.json["name"]).toBe(name);
  });
  expect(markup).toEqual(event("xss_attempt", "medium"));
  const injection = await server.moved(() => server.upload(pdfSamples.plain, { token, name: "x' OR 1=1 --" }));
  expect(injection).toEqual({
    ...event("sql_injection_attempt", "high"),
    'sql_errors_total{client_ip="127.0.0.1"}': 1,
  });
});

test("an upload without a token is no upload error", async () => {
  const moved = await server.moved(() => server.upload(pdfSamples.garbage));
  expect(moved).toEqual({ 'auth_failures_total{client_ip="127.0.0.1"}': 1, ...event("auth_failure", "low") });
});

test("a folder that cannot be written is told as such", async () => {
  const own = await TestServer.start({ settings: { uploadMaxBytes } });
  const user = await own.newUser("writer");
  rmSync(join(own.folder, "files"), { recursive: true });
  writeFileSync(join(own.folder, "files"), "in the way");
  const moved = await own.moved(async () => {
    const answer = await own.upload(pdfSamples.plain, { token: user.token });
    expect({ status: answer.status, error: answer.json["error"] }).toEqual({
      status: 503,
      error: "storage unavailable",
    });
  });
  expect(moved).toEqual({
    'file_upload_errors_total{error_type="storage_error",client_ip="127.0.0.1"}': 1,
    ...event("file_upload_rejected", "low"),
  });
  rmSync(join(own.folder, "files"));
  mkdirSync(join(own.folder, "files"));
  expect((await own.upload(pdfSamples.plain, { token: user.token })).status).toBe(201);
  await own.stop();
});

test("the 61st upload in ten minutes is refused", async () => {
  const own = await TestServer.start();
  const user = await own.newUser("eager");
  for (let count = 0; count < 60; count++) await own.upload("x", { token: user.token });
  const moved = await own.moved(async () => {
    const answer = await own.upload("x", { token: user.token });
    expect({ status: answer.status, error: answer.json["error"] }).toEqual({
      status: 429,
      error: "rate limit exceeded",
    });
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  });
  expect(moved).toEqual({
    'file_upload_errors_total{error_type="rate_limited",client_ip="127.0.0.1"}': 1,
    ...event("file_upload_rejected", "low"),
    ...event("rate_limited", "low"),
  });
  own.moveTime(600_000);
  expect((await own.upload("x", { token: (await relogin(own, user)).token })).status).toBe(415);
  await own.stop();
});

async function relogin(own: TestServer, user: { email: string; password: string }): Promise<{ token: string }> {
  const answer = await own.post("/api/login", { email: user.email, password: user.password });
  return { token: String(answer.json["token"]) };
}
