// The same pages as tools leave them that rewrite files: qpdf, MuPDF, Poppler.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export async function makeRewrites({ fileOf, folder, run }) {
  const qpdf = (name, ...args) => run("qpdf", ["--deterministic-id", "--warning-exit-0", ...args, fileOf(name)]);
  const [article, chromium, writer] = ["pdflatex-article", "chromium-article", "writer-article"].map(fileOf);
  qpdf("qpdf-linearised", "--linearize", article);
  qpdf("qpdf-object-streams", "--object-streams=generate", writer);
  qpdf("qpdf-plain-objects", "--object-streams=disable", "--stream-data=uncompress", article);
  qpdf("qpdf-qdf", "--qdf", chromium);
  qpdf("qpdf-rotated", "--rotate=+90:1", "--rotate=+180:2", writer);
  qpdf(
    "qpdf-merged",
    "--empty",
    "--pages",
    article,
    "1",
    chromium,
    "1-2",
    fileOf("groff-ms"),
    fileOf("reportlab-form"),
    "--",
  );
  qpdf(
    "qpdf-200-pages",
    "--empty",
    "--pages",
    ...Array.from({ length: 5 }, () => [fileOf("chromium-40-pages"), "1-z"]).flat(),
    "--",
  );
  qpdf("qpdf-overlay", fileOf("calc-table"), "--overlay", fileOf("cairo-drawing"), "--repeat=1", "--");
  qpdf("qpdf-2.0-coalesced", "--force-version=2.0", "--coalesce-contents", "--newline-before-endstream", writer);
  const note = join(folder, "note.txt");
  writeFileSync(note, "The note that travels with the page.\n");
  qpdf(
    "qpdf-attachment",
    "--add-attachment",
    note,
    "--mimetype=text/plain",
    "--creationdate=D:20240101000000Z",
    "--moddate=D:20240101000000Z",
    "--",
    chromium,
  );

  run("mutool", ["clean", "-gggg", "-z", fileOf("chromium-tagged-outline"), fileOf("mupdf-clean")]);
  run("mutool", ["clean", "-gggg", "-s", "-a", "-i", "-f", writer, fileOf("mupdf-clean-ascii")]);
  run("pdfunite", [fileOf("pdflatex-form"), fileOf("draw-shapes"), fileOf("poppler-united")]);
}
