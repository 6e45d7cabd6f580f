// Makes the PDF files in apps/server/testdata/pdfs with which every watermarking method is tried: 60 files from a dozen
// producers. The files are kept with the sources, so that tests need none of these programs; run this again to add some.
//   node tools/make-pdf-corpus.mjs
// On Debian 12 it needs: chromium ghostscript groff poppler-utils librsvg2-bin qpdf mupdf-tools weasyprint
// python3-reportlab texlive-latex-recommended texlive-xetex lmodern libreoffice-{writer,calc,draw,impress}-nogui
// fonts-dejavu fonts-wqy-microhei fonts-ipafont-gothic fonts-noto-color-emoji
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./lib/stamp.mjs";
import { makeChromium } from "./pdf-corpus/chromium.mjs";
import { handwritten } from "./pdf-corpus/handwritten.mjs";
import { makeLatex } from "./pdf-corpus/latex.mjs";
import { makeLibreOffice } from "./pdf-corpus/libreoffice.mjs";
import { makePageTools } from "./pdf-corpus/page-tools.mjs";
import { makeRewrites } from "./pdf-corpus/rewriters.mjs";

const corpus = join(root, "apps/server/testdata/pdfs");
const sizeMaxBytes = 8 * 1_024 * 1_024;
/** A program that hangs is a recipe that is wrong. */
const stepMaxMs = 120_000;

const folder = mkdtempSync(join(tmpdir(), "tatou-corpus-"));
// The same sources give the same files again, as far as their producers let the date be set.
const env = { ...process.env, SOURCE_DATE_EPOCH: "1704067200", FORCE_SOURCE_DATE: "1", TZ: "UTC", LC_ALL: "C.UTF-8" };
const tools = {
  folder,
  chromiumPath: process.env.TATOU_CHROMIUM ?? "/usr/bin/chromium",
  fileOf: (name) => join(corpus, `${name}.pdf`),
  write: (name, bytes) => writeFileSync(join(corpus, `${name}.pdf`), bytes),
  /** Runs a program in the folder of sources; gives its standard output. */
  run: (program, args) =>
    execFileSync(program, args, {
      cwd: folder,
      env,
      timeout: stepMaxMs,
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1e8,
    }),
};

rmSync(corpus, { recursive: true, force: true });
mkdirSync(corpus, { recursive: true });
try {
  // In this order: later ones rewrite what earlier ones made.
  for (const make of [makeChromium, makeLatex, makeLibreOffice, makePageTools, makeRewrites]) {
    await make(tools);
    process.stdout.write(`${make.name}: ${readdirSync(corpus).length} files\n`);
  }
  for (const [name, make] of Object.entries(handwritten)) tools.write(name, Buffer.from(make(), "latin1"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const names = readdirSync(corpus);
const sizeBytes = names.reduce((sum, name) => sum + statSync(join(corpus, name)).size, 0);
process.stdout.write(`${names.length} files, ${(sizeBytes / 1_024 / 1_024).toFixed(1)} MiB\n`);
if (sizeBytes > sizeMaxBytes) throw new Error(`The corpus takes ${sizeBytes} bytes, expected at most ${sizeMaxBytes}`);
