/** Files made to exhaust who works on them. Time stands still, so that nothing here is saved by a timeout. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostilePdfs } from "../testing/hostile-pdfs.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { PdfWorkshop } from "./pdf-workshop.ts";

const mark = { method: "layered", secret: "s", key: "k", position: null };
const harmless = new Set(["accepted", "explored", "marked", "not_applicable", "secret_not_found"]);

let folder: string;
let workshop: PdfWorkshop;

beforeAll(() => {
  requirePdfWorker();
  folder = mkdtempSync(join(tmpdir(), "tatou-hostile-"));
  workshop = new PdfWorkshop(new VirtualClock());
});

afterAll(async () => {
  await workshop.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What each piece of work ends with: the reason where it was refused. */
async function endsOf(path: string): Promise<Record<string, string>> {
  const outcomes = {
    check: await workshop.check(path),
    explore: await workshop.explore(path),
    mark: await workshop.mark(path, mark),
    read: await workshop.readMark(path, mark),
  };
  const endOf = (outcome: (typeof outcomes)[keyof typeof outcomes]): string =>
    outcome.kind === "refused" ? outcome.reason : harmless.has(outcome.kind) ? "harmless" : outcome.kind;
  return Object.fromEntries(Object.entries(outcomes).map(([work, outcome]) => [work, endOf(outcome)]));
}

/** In the order check, explore, mark, read. A method may well mark what the platform would not have taken. */
const ends: Readonly<Record<string, readonly [string, string, string, string]>> = {
  "a page that unfolds to 300 MiB": ["limits", "limits", "limits", "limits"],
  "objects that are packed twice and unfold to 300 MiB": ["limits", "limits", "harmless", "limits"],
  "a page that is packed twice and unfolds to 300 MiB": ["limits", "harmless", "harmless", "limits"],
  "a page of repeated bytes that unfolds to 512 MiB": ["harmless", "harmless", "harmless", "limits"],
  "a predictor with rows of 2^30 columns": ["harmless", "harmless", "harmless", "harmless"],
  "a table of references that continues in itself": ["harmless", "harmless", "harmless", "harmless"],
  "pages that hold themselves": ["parse_error", "parse_error", "harmless", "parse_error"],
  "a page above itself": ["harmless", "harmless", "harmless", "harmless"],
  "a tree of 10^12 pages": ["parse_error", "harmless", "harmless", "harmless"],
  "a tree of pages 20 000 deep": ["parse_error", "harmless", "harmless", "harmless"],
  "99 999 pages that are not there": ["limits", "harmless", "harmless", "harmless"],
  "contents that hold themselves": ["harmless", "harmless", "harmless", "harmless"],
  "a length that is its own": ["harmless", "harmless", "harmless", "harmless"],
  "arrays nested 200 deep": ["limits", "limits", "limits", "limits"],
  "a million open dictionaries": ["limits", "limits", "limits", "limits"],
  "a hundred thousand open strings": ["parse_error", "parse_error", "harmless", "parse_error"],
  "a million open objects": ["limits", "limits", "limits", "limits"],
  "a hundred thousand streams without an end": ["limits", "limits", "limits", "limits"],
  "a thousand million objects in one": ["harmless", "limits", "harmless", "limits"],
  "an object with number 2^31": ["harmless", "limits", "harmless", "limits"],
  "a hundred thousand lines that look like marks": ["harmless", "harmless", "harmless", "harmless"],
  "a file that ends in the middle": ["parse_error", "harmless", "harmless", "harmless"],
  "nothing of the kind": ["parse_error", "parse_error", "harmless", "parse_error"],
  "an empty file": ["parse_error", "parse_error", "harmless", "parse_error"],
};

test.each(Object.entries(hostilePdfs))("%s", { timeout: 120_000 }, async (name, make) => {
  const path = join(folder, "hostile.pdf");
  writeFileSync(path, make());
  const { check, explore, mark, read } = await endsOf(path);
  expect([check, explore, mark, read]).toEqual(ends[name]);
  writeFileSync(path, pdfSamples.plain);
  expect((await workshop.check(path)).kind).toBe("accepted");
});
