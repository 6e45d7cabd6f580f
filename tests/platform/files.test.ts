/** Uploads and downloads: what is kept, under which name, what is refused, and that nothing is left behind. */
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lib/processes.ts";
import type { Account } from "./lib/account.ts";
import { type FormFile, uploadForm } from "./lib/http.ts";
import { difference, scrape } from "./lib/metrics.ts";
import {
  brokenPdf,
  deepPdf,
  encryptedPdf,
  escapedScriptPdf,
  launchPdf,
  pdf,
  richMediaPdf,
  scriptPdf,
  zeroPagePdf,
} from "./lib/pdfs.ts";
import { filesBelow, onDatabase, Platform } from "./lib/platform.ts";

const uploadLimitBytes = 300_000;
let platform: Platform;
let user: Account;

beforeAll(async () => {
  platform = await Platform.start({ MAX_UPLOAD_BYTES: String(uploadLimitBytes) });
  user = await platform.newAccount();
});
afterAll(() => platform.stop());

/** The path column of a document. */
function storedPath(id: number): string {
  const rows = onDatabase(platform, (database) =>
    database.prepare(`SELECT path FROM Documents WHERE id = ${id}`).all([]),
  );
  return (rows as readonly { path: string }[])[0]!.path;
}

/** What an action adds to the storage folder. */
async function addedBy(action: () => Promise<unknown>): Promise<readonly string[]> {
  const before = filesBelow(platform.folder);
  await action();
  return filesBelow(platform.folder).filter((name) => !before.includes(name));
}

describe("a stored document", () => {
  test.each([
    { fileName: "../../x.pdf", name: "x.pdf" },
    { fileName: String.raw`..\..\x.pdf`, name: "x.pdf" },
    { fileName: "/tmp/x.pdf", name: "x.pdf" },
    { fileName: String.raw`C:\Users\x.pdf`, name: "x.pdf" },
    { fileName: "X.PDF", name: "X.PDF" },
    { fileName: "Grüße – 概要.pdf", name: "Grüße – 概要.pdf" },
    { fileName: "O'Brien -- v2.pdf", name: "O'Brien -- v2.pdf" },
    { fileName: "tab\there.pdf", name: "tabhere.pdf" },
    { fileName: "<img src=x onerror=alert(1)>.pdf", name: "<img src=x onerror=alert(1)>.pdf" },
  ])("from $fileName lies in its owner's folder and is called $name", async ({ fileName, name }) => {
    let id = 0;
    const added = await addedBy(async () => {
      const { status, json } = await user.tryUpload({ bytes: pdf(), fileName });
      expect({ status, name: json["name"] }).toEqual({ status: 201, name });
      id = Number(json["id"]);
    });
    expect(added).toHaveLength(1);
    expect(added[0]).toMatch(new RegExp(`^storage/files/${user.id}/[A-Za-z0-9_-]{16,}\\.pdf$`));
    expect(`storage/${storedPath(id)}`).toBe(added[0]);
    const disposition = String((await user.getDocument(id)).headers["content-disposition"]);
    expect(disposition).toMatch(/^inline/);
    expect(disposition).not.toMatch(/[\r\n]/);
    if (/[^ -~]/.test(name)) expect(disposition).toContain("filename*=UTF-8''");
  });

  test("has a name of 255 characters at most", async () => {
    const { name } = await user.upload(pdf(), "n".repeat(400));
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name).toMatch(/^n+/);
  });

  test("comes in parts, and not at all when it is known", async () => {
    const bytes = pdf();
    const { id } = await user.upload(bytes);
    const path = `/api/get-document/${id}`;
    const { headers } = await user.send(path);
    const known = await user.send(path, { headers: { "if-none-match": String(headers.etag) } });
    expect({ status: known.status, length: known.body.length }).toEqual({ status: 304, length: 0 });
    const part = await user.send(path, { headers: { range: "bytes=5-9" } });
    expect(part.status).toBe(206);
    expect(part.headers["content-range"]).toBe(`bytes 5-9/${bytes.length}`);
    expect(part.body.equals(bytes.subarray(5, 10))).toBe(true);
    expect((await user.send(path, { headers: { range: `bytes=${bytes.length}-` } })).status).toBe(416);
  });

  test("may have bytes after its end", async () => {
    await user.upload(Buffer.concat([pdf(), Buffer.from("\n%%WM-ADD-AFTER-EOF:v1\nabc\n")]));
  });

  test("may be as large as the limit, to the byte", async () => {
    const body = pdf();
    const padding = (size: number) => Buffer.alloc(size - body.length, "%");
    await user.upload(Buffer.concat([body, padding(uploadLimitBytes)]));
    const above = await user.tryUpload({ bytes: Buffer.concat([body, padding(uploadLimitBytes + 1)]) });
    expect(above.status).toBe(413);
  });
});

describe("a refused file", () => {
  const only = "only PDF files are accepted";
  test.each<{ what: string; file: FormFile; status?: number; error?: string }>([
    { what: "HTML", file: { bytes: "<html></html>" } },
    { what: "a pickle", file: { bytes: "cos\nsystem\n(S'true'\ntR.", fileName: "x.pkl" } },
    { what: "an empty file", file: { bytes: "" } },
    { what: "a header and no more", file: { bytes: "%PDF-1.7\n" } },
    { what: "a document without pages", file: { bytes: zeroPagePdf } },
    { what: "an encrypted document", file: { bytes: encryptedPdf } },
    { what: "a broken document", file: { bytes: brokenPdf } },
    { what: "a document that starts a program", file: { bytes: launchPdf } },
    { what: "a document with a script", file: { bytes: scriptPdf } },
    { what: "a document with a script in other letters", file: { bytes: escapedScriptPdf } },
    { what: "a document with rich media", file: { bytes: richMediaPdf } },
    { what: "a document nested beyond reason", file: { bytes: deepPdf } },
    { what: "a PDF after a blank", file: { bytes: Buffer.concat([Buffer.from(" "), pdf()]) } },
    { what: "a PDF called .html", file: { bytes: pdf(), fileName: "x.html" } },
    { what: "a PDF called .pdf.exe", file: { bytes: pdf(), fileName: "x.pdf.exe" } },
    { what: "a PDF said to be HTML", file: { bytes: pdf(), type: "text/html" } },
    { what: "a file without a name", file: { bytes: pdf(), fileName: "" }, status: 400, error: "empty filename" },
  ])("$what leaves nothing", async ({ file, status = 415, error = only }) => {
    const before = (await user.documents()).length;
    const added = await addedBy(async () => {
      const answer = await user.tryUpload(file);
      expect({ status: answer.status, error: answer.json["error"] }).toEqual({ status, error });
    });
    expect(added).toEqual([]);
    expect(await user.documents()).toHaveLength(before);
  });

  test.each(["application/octet-stream", "application/pdf; charset=binary", "", "Application/PDF"])(
    "a part of the type %j is none",
    async (type) => expect((await user.tryUpload({ bytes: pdf(), type })).status).toBe(201),
  );

  test("a form without file, or that is none, is malformed", async () => {
    const wrong = "file is required (multipart/form-data)";
    const { headers, body } = uploadForm({ bytes: pdf() });
    const renamed = Buffer.from(
      Buffer.from(body as Uint8Array)
        .toString("latin1")
        .replace('name="file"', 'name="data"'),
      "latin1",
    );
    const json = { "content-type": "application/json" };
    for (const sent of [
      { headers: headers!, body: renamed },
      { headers: json, body: "{}" },
      { headers: json, body: "" },
    ]) {
      const answer = await user.send("/api/upload-document", { method: "POST", ...sent });
      expect(answer).toMatchObject({ status: 400, json: { error: wrong } });
    }
    const cut = { method: "POST", headers: headers!, body: (body as Buffer).subarray(0, -40) };
    expect((await user.send("/api/upload-document", cut)).status).toBe(400);
  });

  test("is answered before it was sent, when its length is told", async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(platform.port, "127.0.0.1");
      const head = ["POST /api/upload-document HTTP/1.1", "Host: x", `Authorization: Bearer ${user.token}`];
      head.push("Content-Type: multipart/form-data; boundary=b", "Content-Length: 1000000000", "", "--b\r\n");
      socket.write(head.join("\r\n"));
      socket.setTimeout(5_000, () => socket.destroy());
      socket.once("data", (bytes) => {
        resolve(bytes.toString("latin1"));
        socket.destroy();
      });
      socket.on("close", () => resolve(""));
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("an upload that its client gives up leaves nothing and is counted", async () => {
    const before = await scrape(platform.port);
    const added = await addedBy(async () => {
      const { headers, body } = uploadForm({ bytes: pdf() });
      const socket = connect({ port: platform.port, host: "127.0.0.1", localAddress: user.from });
      const head = ["POST /api/upload-document HTTP/1.1", "Host: x", `Authorization: Bearer ${user.token}`];
      head.push(`Content-Type: ${headers!["content-type"]}`, "Content-Length: 100000", "", "");
      socket.write(Buffer.concat([Buffer.from(head.join("\r\n")), (body as Buffer).subarray(0, 400)]));
      await new Promise((resolve) => setTimeout(resolve, 200));
      socket.destroy();
      const name = `file_upload_errors_total{client_ip="${user.from}",error_type="aborted"}`;
      await until("the count", async () => ((await scrape(platform.port)).get(name) ?? 0) === 1, 5_000);
    });
    expect(added).toEqual([]);
    const moved = difference(before, await scrape(platform.port), ["http_requests_total"]);
    expect(moved).toEqual({
      'http_requests_total{endpoint="/api/upload-document",http_status="499",method="POST"}': 1,
    });
  });

  test("without its row in the database, the file goes too, and nobody reads why but the operator", async () => {
    const printedBefore = platform.process.output.length;
    onDatabase(platform, (database) => database.exec("ALTER TABLE Documents RENAME TO Gone"));
    try {
      const added = await addedBy(async () => {
        const { status, text } = await user.tryUpload({ bytes: pdf() });
        expect(status).toBe(503);
        expect(text).not.toMatch(/table|sql/i);
      });
      expect(added).toEqual([]);
    } finally {
      onDatabase(platform, (database) => database.exec("ALTER TABLE Gone RENAME TO Documents"));
    }
    expect(platform.process.output.slice(printedBefore)).not.toContain("no such table");
    await user.upload();
  });
});

describe("a stored path that was tampered with", () => {
  const outside = () => join(platform.folder, "outside.pdf");

  beforeAll(() => {
    writeFileSync(outside(), pdf({ text: "not for you" }));
    symlinkSync(outside(), join(platform.storageFolder, "files/link.pdf"));
    writeFileSync(join(platform.folder, "storage-sibling.pdf"), pdf());
  });
  afterAll(() => rmSync(join(platform.storageFolder, "files/link.pdf")));

  test.each<{ what: string; path: () => string; error?: RegExp }>([
    { what: "absolute", path: () => outside() },
    { what: "upwards", path: () => "../outside.pdf" },
    { what: "upwards through a folder", path: () => "files/../../outside.pdf" },
    { what: "of a sibling with the same beginning", path: () => "../storage-sibling.pdf" },
    { what: "of a sibling, absolute", path: () => `${platform.storageFolder}-sibling.pdf` },
    { what: "empty", path: () => "" },
    { what: "the root", path: () => "." },
    // A driver that ends a text at NUL sees another path, at which there is no file.
    { what: "with a NUL", path: () => "files/x.pdf\0.txt", error: /^(document path invalid|file missing on disk)$/ },
    { what: "a symbolic link", path: () => "files/link.pdf" },
  ])("$what is neither served, marked nor deleted", async ({ path, error = /^document path invalid$/ }) => {
    const { id } = await user.upload();
    const written = Buffer.from(path()).toString("hex");
    onDatabase(platform, (database) =>
      database.exec(`UPDATE Documents SET path = CAST(x'${written}' AS TEXT) WHERE id = ${id}`),
    );
    const before = await scrape(platform.port);
    const get = await user.getDocument(id);
    expect([500, 410]).toContain(get.status);
    expect(get.json["error"]).toMatch(error);
    expect(get.text).not.toContain(platform.folder);
    const moved = difference(before, await scrape(platform.port), ["security_events_total"]);
    expect(moved).toEqual({ 'security_events_total{event_type="storage_integrity",severity="critical"}': 1 });
    expect((await user.tryCreateVersion(id, { method: "toy-eof" })).status).toBeGreaterThanOrEqual(400);
    expect((await user.send(`/api/delete-document/${id}`, { method: "DELETE" })).status).toBeLessThan(501);
    for (const name of ["outside.pdf", "storage-sibling.pdf", "storage/files/link.pdf"]) {
      expect(existsSync(join(platform.folder, name))).toBe(true);
    }
    expect(readFileSync(outside()).includes("WM-ADD")).toBe(false);
  });
});

describe("a file that is gone", () => {
  test("answers 410 on every way to it, and can still be deleted", async () => {
    const { id } = await user.upload();
    rmSync(join(platform.storageFolder, storedPath(id)));
    const missing = { status: 410, json: { error: "file missing on disk" } };
    expect(await user.getDocument(id)).toMatchObject(missing);
    expect(await user.tryCreateVersion(id, { method: "toy-eof" })).toMatchObject(missing);
    expect(await user.readWatermark(id, "toy-eof")).toMatchObject(missing);
    const deleted = await user.send(`/api/delete-document/${id}`, { method: "DELETE" });
    expect(deleted).toMatchObject({
      status: 200,
      json: { deleted: true, id, file_deleted: false, file_missing: true },
    });
  });

  test("answers 410 on its link, too", async () => {
    const { id } = await user.upload();
    const added = await addedBy(async () => user.createVersion(id, { method: "toy-eof" }));
    const { link } = (await user.versions(id))[0]!;
    rmSync(join(platform.folder, added[0]!));
    expect(await platform.send(`/api/get-version/${link}`)).toMatchObject({
      status: 410,
      json: { error: "file missing on disk" },
    });
  });

  test("bytes that changed on disk are told as an event", async () => {
    const bytes = pdf();
    const { id } = await user.upload(bytes);
    writeFileSync(join(platform.storageFolder, storedPath(id)), pdf({ text: "A page of tent" }));
    const before = await scrape(platform.port);
    await user.getDocument(id);
    const moved = difference(before, await scrape(platform.port), ["security_events_total"]);
    expect(moved).toEqual({ 'security_events_total{event_type="storage_integrity",severity="critical"}': 1 });
  });
});
