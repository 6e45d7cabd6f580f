import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { PdfChecker } from "./pdf-checker.ts";
import { pdfLimits } from "./pdf-verdict.ts";

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
  const checker = new PdfChecker(clock);
  // Half a minute of this clock passes before a thread has even started.
  const slow = checker.check(plain);
  await clock.advance(pdfLimits.durationMaxMs);
  expect(await slow).toEqual({ kind: "refused", reason: "limits" });
  expect(await checker.check(plain)).toEqual({ kind: "accepted", pageCount: 1 });
  await checker.close();
});

test("many checks at once are served in turn, also after a worker was idle too long", async () => {
  const clock = new VirtualClock();
  const checker = new PdfChecker(clock);
  const verdicts = await Promise.all(Array.from({ length: 45 }, () => checker.check(plain)));
  expect(new Set(verdicts.map((verdict) => verdict.kind))).toEqual(new Set(["accepted"]));
  await clock.advance(60_000);
  expect((await checker.check(plain)).kind).toBe("accepted");
  await checker.close();
});

test("what would wait too long is refused at once", async () => {
  const checker = new PdfChecker(new VirtualClock());
  const checks = await Promise.allSettled(Array.from({ length: 80 }, () => checker.check(plain)));
  const refused = checks.flatMap((check) => (check.status === "rejected" ? [(check.reason as Error).name] : []));
  expect(refused).toEqual(Array.from({ length: 14 }, () => "WorkQueueFullError"));
  await checker.close();
});
