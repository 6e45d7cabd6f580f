import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pdfOf, pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { pdfLimits } from "./pdf-verdict.ts";
import { PdfWorkshop } from "./pdf-workshop.ts";

let folder: string;
let plain: string;

beforeAll(() => {
  requirePdfWorker();
  folder = mkdtempSync(join(tmpdir(), "tatou-pdf-"));
  plain = join(folder, "plain.pdf");
  writeFileSync(plain, pdfSamples.plain);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a check that takes too long ends as limits, and the next one is served", async () => {
  const clock = new VirtualClock();
  const workshop = new PdfWorkshop(clock);
  // Half a minute of this clock passes before a thread has even started.
  const slow = workshop.check(plain);
  await clock.advance(pdfLimits.durationMaxMs);
  expect(await slow).toEqual({ kind: "refused", reason: "limits" });
  expect(await workshop.check(plain)).toEqual({ kind: "accepted", pageCount: 1 });
  await workshop.close();
});

test("a thread that has seen large images has room for the next", async () => {
  const imageBytes = 64 * 1_024 * 1_024;
  const [catalog, pages] = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"];
  const page = "/MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>";
  const form = `/Subtype /Image /Width 8192 /Height 8192 /ColorSpace /DeviceGray /BitsPerComponent 8`;
  const image = Buffer.concat([
    Buffer.from(`<< /Type /XObject ${form} /Length ${imageBytes} >>\nstream\n`),
    Buffer.alloc(imageBytes, 0xff),
    Buffer.from("\nendstream"),
  ]);
  const draws = "<< /Length 7 >>\nstream\n/I Do Q\nendstream";
  const scan = join(folder, "scan.pdf");
  writeFileSync(scan, pdfOf([catalog, pages, `<< /Type /Page /Parent 2 0 R ${page} >>`, draws, image]));
  const workshop = new PdfWorkshop(new VirtualClock());
  const fileCount = Math.ceil(pdfLimits.parserMemoryMaxBytes / imageBytes);
  for (let index = 0; index < fileCount; index++) {
    expect(await workshop.check(scan)).toEqual({ kind: "accepted", pageCount: 1 });
  }
  await workshop.close();
});

const request = { method: "metadata-xmp", secret: "for Åsa", key: "a key", position: null };

test("a mark is made and read back, and other keys, methods and files find none", async () => {
  const workshop = new PdfWorkshop(new VirtualClock());
  const marked = await workshop.mark(plain, request);
  const copy = join(folder, "copy.pdf");
  writeFileSync(copy, marked.kind === "marked" ? marked.pdf : "");
  expect(await workshop.readMark(copy, request)).toEqual({ kind: "read", secret: request.secret });
  expect(await workshop.readMark(copy, { ...request, key: "another" })).toEqual({ kind: "invalid_key" });
  expect(await workshop.readMark(copy, { ...request, method: "toy-eof" })).toEqual({ kind: "secret_not_found" });
  expect(await workshop.readMark(plain, request)).toEqual({ kind: "secret_not_found" });
  await workshop.close();
});

test("layers that say different things are told from a wrong key", async () => {
  const workshop = new PdfWorkshop(new VirtualClock());
  let path = plain;
  for (const [method, secret] of [["metadata-xmp", "for Åsa"] as const, ["object-stream", "for Bo"] as const]) {
    const marked = await workshop.mark(path, { ...request, method, secret });
    path = join(folder, `${method}.pdf`);
    writeFileSync(path, marked.kind === "marked" ? marked.pdf : "");
  }
  expect(await workshop.readMark(path, { ...request, method: "layered" })).toEqual({ kind: "disagreement" });
  await workshop.close();
});

test("a mark that takes too long is refused, and the next one is made", async () => {
  const clock = new VirtualClock();
  const workshop = new PdfWorkshop(clock);
  const slow = workshop.mark(plain, request);
  const slowRead = workshop.readMark(plain, request);
  await clock.advance(pdfLimits.durationMaxMs);
  expect(await slow).toEqual({ kind: "refused", reason: "limits" });
  expect(await slowRead).toEqual({ kind: "refused", reason: "limits" });
  expect((await workshop.mark(plain, request)).kind).toBe("marked");
  await workshop.close();
});

test("what is asked wrongly is told so", async () => {
  const workshop = new PdfWorkshop(new VirtualClock());
  await expect(workshop.check(join(folder, "nothing.pdf"))).rejects.toMatchObject({ kind: "missing" });
  await expect(workshop.mark(folder, request)).rejects.toMatchObject({ kind: "damaged" });
  await expect(workshop.mark(plain, { ...request, secret: "" })).rejects.toThrow(RangeError);
  await expect(workshop.readMark(plain, { ...request, key: "k".repeat(1_025) })).rejects.toThrow(RangeError);
  await expect(workshop.mark(plain, { ...request, method: "none" })).rejects.toThrow(/"none" is a watermarking method/);
  await workshop.close();
});

test("a file is listed page by page, every object once", async () => {
  const workshop = new PdfWorkshop(new VirtualClock());
  const outcome = await workshop.explore(plain);
  expect(outcome).toMatchObject({
    kind: "explored",
    tree: {
      id: expect.stringMatching(/^pdf:[0-9a-f]{64}$/) as string,
      type: "document",
      version: "1.7",
      sizeBytes: pdfSamples.plain.length,
      children: [
        {
          id: "page:0001",
          type: "page",
          object: "obj:000003",
          mediaBox: [0, 0, 200, 200],
          rotation: 0,
          children: [{ id: "obj:000004", type: "object", kind: "stream", sizeBytes: 13, references: [] }],
        },
        { id: "obj:000001", kind: "dictionary", name: "Catalog", references: ["obj:000002"] },
        { id: "obj:000002", kind: "dictionary", name: "Pages", references: ["obj:000003"] },
      ],
    },
  });
  expect(await workshop.explore(plain)).toEqual(outcome);
  await workshop.close();
});

test("many checks at once are served in turn, also after a worker was idle too long", async () => {
  const clock = new VirtualClock();
  const workshop = new PdfWorkshop(clock);
  const verdicts = await Promise.all(Array.from({ length: 45 }, () => workshop.check(plain)));
  expect(new Set(verdicts.map((verdict) => verdict.kind))).toEqual(new Set(["accepted"]));
  await clock.advance(60_000);
  expect((await workshop.check(plain)).kind).toBe("accepted");
  await workshop.close();
});

test("what would wait too long is refused at once", async () => {
  const workshop = new PdfWorkshop(new VirtualClock());
  const checks = await Promise.allSettled(Array.from({ length: 80 }, () => workshop.check(plain)));
  const refused = checks.flatMap((check) => (check.status === "rejected" ? [(check.reason as Error).name] : []));
  expect(refused).toEqual(Array.from({ length: 14 }, () => "WorkQueueFullError"));
  await workshop.close();
});
