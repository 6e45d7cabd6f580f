/**
 * Every method on documents of many producers, through the same threads as in the platform. The corpus is made by
 * tools/make-pdf-corpus.mjs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differingPages, type PageImage, pageImages } from "../testing/page-images.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import type { ReadMarkOutcome } from "./pdf-work.ts";
import { PdfWorkshop } from "./pdf-workshop.ts";

const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
const corpus = fileURLToPath(new URL("../../testdata/pdfs", import.meta.url));
const everyFile = readdirSync(corpus).filter((name) => name.endsWith(".pdf"));
/** One or two of each kind of producer and of each corner of the format. */
const someFiles = [
  "cairo-drawing-text.pdf",
  "chromium-languages.pdf",
  "chromium-tagged-outline.pdf",
  "ghostscript-1.2.pdf",
  "groff-ms.pdf",
  "hand-carriage-returns.pdf",
  "hand-inherited-tree.pdf",
  "hand-split-contents.pdf",
  "hand-updated-twice.pdf",
  "mupdf-clean-ascii.pdf",
  "pdflatex-form.pdf",
  "qpdf-linearised.pdf",
  "qpdf-rotated.pdf",
  "writer-pdfa1.pdf",
  "xelatex-languages.pdf",
];
const pageCountMax = 3;
const secret = "för Åsa <asa@example.org>";
const key = "corpus-key";

let folder: string;
let workshop: PdfWorkshop;

beforeAll(() => {
  requirePdfWorker();
  folder = mkdtempSync(join(tmpdir(), "tatou-corpus-"));
  workshop = new PdfWorkshop(new VirtualClock());
});

afterAll(async () => {
  await workshop.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the corpus holds 60 documents, and the platform takes each", async () => {
  expect(everyFile).toHaveLength(60);
  const verdicts = await Promise.all(everyFile.map((name) => workshop.check(join(corpus, name))));
  expect(everyFile.filter((_, index) => verdicts[index]?.kind !== "accepted")).toEqual([]);
});

test("a page that looks different is noticed", async () => {
  const [first, second] = ["hand-updated-twice.pdf", "hand-without-contents.pdf"].map((name) =>
    pageImages(readFileSync(join(corpus, name)), pageCountMax),
  );
  expect(differingPages((await first) ?? [], (await second) ?? [])).toEqual([1]);
});

const files = isPatient ? everyFile : someFiles;
const count = isPatient ? "all 60 documents" : "15 of 60 documents (all with TATOU_LONG_TESTS=1)";

/** What a method made of a document. */
interface Trial {
  readonly method: string;
  readonly marked: string;
  readonly start?: string;
  readonly isLonger?: boolean;
  readonly read?: ReadMarkOutcome;
  readonly readWithAnotherKey?: ReadMarkOutcome;
  readonly readUnmarked?: ReadMarkOutcome;
  /** Whether the same was made again; tried when there is time. */
  readonly isRepeatable?: boolean;
  readonly differingPages?: readonly number[];
}

const success = {
  marked: "marked",
  start: "%PDF-",
  isLonger: true,
  read: { kind: "read", secret },
  readWithAnotherKey: { kind: "invalid_key" },
  readUnmarked: { kind: "secret_not_found" },
  isRepeatable: true,
  differingPages: [],
} as const;

async function tryMethod(method: string, name: string, images: readonly PageImage[]): Promise<Trial> {
  const path = join(corpus, name);
  const request = { method, secret, key, position: null };
  const marked = await workshop.mark(path, request);
  if (marked.kind !== "marked") return { method, marked: marked.kind };
  const { pdf } = marked;
  const copy = join(folder, `${method}-${name}`);
  writeFileSync(copy, pdf);
  const [read, readWithAnotherKey, readUnmarked] = await Promise.all([
    workshop.readMark(copy, request),
    workshop.readMark(copy, { ...request, key: "another key" }),
    workshop.readMark(path, request),
  ]);
  const again = isPatient ? await workshop.mark(path, request) : marked;
  return {
    method,
    marked: marked.kind,
    start: Buffer.from(pdf.subarray(0, 5)).toString("latin1"),
    isLonger: pdf.length > statSync(path).size,
    read,
    readWithAnotherKey,
    readUnmarked,
    isRepeatable: again.kind === "marked" && Buffer.compare(again.pdf, pdf) === 0,
    differingPages: differingPages(images, await pageImages(pdf, pageCountMax)),
  };
}

describe(`${count}: marked, looking the same, read back`, () => {
  test.each(files)("%s", { timeout: 120_000 }, async (name) => {
    const images = await pageImages(readFileSync(join(corpus, name)), pageCountMax);
    expect(images.length).toBeGreaterThan(0);
    const trials: Trial[] = [];
    for (const method of watermarkMethods.keys()) trials.push(await tryMethod(method, name, images));
    expect(trials).toEqual([...watermarkMethods.keys()].map((method) => ({ method, ...success })));
  });
});
