import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PDFDocument, PDFName } from "@cantoo/pdf-lib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { watermarkMethods } from "./registry.ts";
import { shownLines, textDocument } from "./testing/sample-documents.ts";
import type { WatermarkMethod } from "./watermark-method.ts";

vi.mock("node:crypto", async (importOriginal) => {
  const { memoiseScrypt } = await import("./testing/memoised-scrypt.ts");
  return memoiseScrypt(await importOriginal(), { count: 0 });
});

const key = "unit-test-key";
const secret = "Jürgen 電 <j@example.org>";
const methods = [...watermarkMethods.values()];
const names = methods.map(({ name }) => name);

let folder: string;
let plain: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-survival-"));
  plain = await textDocument();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ordeal {
  readonly what: string;
  readonly program: string;
  readonly input: (from: string, to: string) => readonly string[];
  /** Methods whose mark is still read. */
  readonly survivors: readonly string[];
}

const ghostscript = ["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pdfwrite"];
const hiding = ["metadata-xmp", "object-stream", "invisible-text", "layered"];
const ordeals: readonly Ordeal[] = [
  { what: "qpdf rewrite", program: "qpdf", input: (from, to) => [from, to], survivors: hiding },
  {
    what: "qpdf with packed objects",
    program: "qpdf",
    input: (from, to) => ["--object-streams=generate", "--recompress-flate", from, to],
    survivors: hiding,
  },
  { what: "qpdf with nothing packed", program: "qpdf", input: (from, to) => ["--qdf", from, to], survivors: hiding },
  { what: "qpdf linearise", program: "qpdf", input: (from, to) => ["--linearize", from, to], survivors: hiding },
  {
    what: "qpdf coalesce",
    program: "qpdf",
    input: (from, to) => ["--coalesce-contents", from, to],
    survivors: hiding,
  },
  {
    what: "mutool clean -gggg",
    program: "mutool",
    input: (from, to) => ["clean", "-gggg", from, to],
    survivors: hiding,
  },
  {
    what: "mutool clean -gggg -s -z",
    program: "mutool",
    input: (from, to) => ["clean", "-gggg", "-s", "-z", from, to],
    survivors: hiding,
  },
  {
    what: "one page taken out by qpdf",
    program: "qpdf",
    input: (from, to) => ["--empty", "--pages", from, "2", "--", to],
    survivors: ["object-stream", "invisible-text", "layered"],
  },
  {
    what: "one page taken out by pdfseparate",
    program: "pdfseparate",
    input: (from, to) => ["-f", "1", "-l", "1", from, to],
    survivors: hiding,
  },
  {
    what: "Ghostscript pdfwrite",
    program: "gs",
    input: (from, to) => [...ghostscript, `-sOutputFile=${to}`, from],
    survivors: ["invisible-text", "layered"],
  },
  { what: "pdftocairo -pdf", program: "pdftocairo", input: (from, to) => ["-pdf", from, to], survivors: [] },
];

describe.each(ordeals)("after $what", ({ program, input, survivors }) => {
  test.skipIf(!isInstalled(program))(`these are read (${program}): ${survivors.join(", ") || "none"}`, async () => {
    const read = await Promise.all(
      methods.map(async (method) => {
        const [from, to] = [join(folder, `${method.name}-in.pdf`), join(folder, `${method.name}-out.pdf`)];
        writeFileSync(from, await mark(method, plain));
        execFileSync(program, input(from, to), { stdio: "pipe" });
        return outcome(method, readFileSync(to));
      }),
    );
    expect(read).toEqual(names.map((name) => (survivors.includes(name) ? secret : "secret_not_found")));
  });
});

test("after a cut behind the end of the file", async () => {
  const read = await Promise.all(
    methods.map(async (method) => {
      const marked = await mark(method, plain);
      return outcome(method, marked.subarray(0, marked.indexOf("%%EOF") + 5));
    }),
  );
  expect(read).toEqual(["secret_not_found", secret, secret, secret, secret]);
});

test("after the metadata was wiped", async () => {
  const read = await Promise.all(
    methods.map(async (method) => {
      const document = await PDFDocument.load(await mark(method, plain), { updateMetadata: false });
      document.catalog.delete(PDFName.of("Metadata"));
      delete document.context.trailerInfo.Info;
      return outcome(method, await document.save());
    }),
  );
  // The program that wiped it wrote the file anew, and what was behind the end is gone as well.
  expect(read).toEqual(["secret_not_found", "secret_not_found", secret, secret, secret]);
});

test.skipIf(!isInstalled("qpdf"))("what we write is valid, by qpdf: plain, packed, linearised", async () => {
  for (const pdf of [plain, await textDocument({ isPacked: true }), linearised()]) {
    for (const name of hiding) {
      const path = join(folder, "checked.pdf");
      writeFileSync(path, await mark(watermarkMethods.get(name) as WatermarkMethod, pdf));
      expect(spawnSync("qpdf", ["--check", path], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    }
  }
});

test.skipIf(!isInstalled("pdftotext"))("who copies text gets what is shown, by pdftotext", async () => {
  const path = join(folder, "text.pdf");
  const textOf = (pdf: Uint8Array) => {
    writeFileSync(path, pdf);
    return execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
  };
  const before = textOf(plain);
  for (const line of shownLines) expect(before).toContain(line);
  for (const method of methods) expect(textOf(await mark(method, plain))).toBe(before);
});

test("a file whose table of objects is damaged can be marked", async () => {
  const damaged = Buffer.from(plain.toString("latin1").replace(/startxref\n\d+/, "startxref\n7"), "latin1");
  for (const method of methods) expect(await outcome(method, await mark(method, damaged))).toBe(secret);
});

function linearised(): Buffer {
  const [from, to] = [join(folder, "plain.pdf"), join(folder, "linearised.pdf")];
  writeFileSync(from, plain);
  execFileSync("qpdf", ["--linearize", from, to]);
  return readFileSync(to);
}

async function mark(method: WatermarkMethod, pdf: Uint8Array): Promise<Buffer> {
  return Buffer.from(await method.add(pdf, { secret, key, position: null }));
}

/** The secret, or the code of the error. */
function outcome(method: WatermarkMethod, pdf: Uint8Array): Promise<unknown> {
  return method.read(pdf, key).catch((error: unknown) => (error as { code?: unknown }).code ?? error);
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}
