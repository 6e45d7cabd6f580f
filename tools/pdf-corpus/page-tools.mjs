// Ghostscript, cairo, groff, WeasyPrint and ReportLab, from sources of their own kind.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawing, drawingWithText, paragraph, paragraphs } from "./texts.mjs";

const postScript = `%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 400 300
/Times-Roman findfont 14 scalefont setfont
${Array.from({ length: 12 }, (_, index) => `40 ${270 - index * 20} moveto (${paragraph(index, 1)}) show`).join("\n")}
showpage
/Helvetica-Bold findfont 40 scalefont setfont 0.2 0.4 0.8 setrgbcolor 60 100 moveto 20 rotate (Second) show
newpath 200 150 80 0 360 arc 6 setlinewidth stroke showpage
`;
const groffText = `.TL\nThe clerk\n.AU\nNobody\n.NH\nOne\n${paragraphs(5)
  .map((text) => `.PP\n${text}`)
  .join(
    "\n",
  )}\n.TS\nbox center; l r.\nStone\t3\nLamp\t14\n.TE\n.EQ\nx = { - b +- sqrt { b sup 2 - 4 a c } } over { 2 a }\n.EN\n.PS\nbox "map"; arrow; circle "tide"; arrow; ellipse "ferry"\n.PE\n`;
const manual = `.TH TIDE 1\n.SH NAME\ntide \\- tells the time of the water\n.SH DESCRIPTION\n${paragraph(3)}\n.TP\n.B \\-n\n${paragraph(4, 2)}\n`;
const html = `<title>Lamp</title><style>@page{size:A5;margin:1cm}h1{bookmark-level:1}</style><h1>Lamp</h1>${paragraphs(
  8,
)
  .map((text) => `<p>${text}</p>`)
  .join("")}<a href="https://example.org">Outside</a>`;
const reportLab = `
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas
c = canvas.Canvas("reportlab-form.pdf", pagesize=A4, invariant=1)
c.drawString(72, 760, "Form of the ferry")
c.acroForm.textfield(name="who", x=72, y=700, width=200, height=24)
c.acroForm.checkbox(name="agreed", x=72, y=660)
c.bookmarkPage("a"); c.addOutlineEntry("Form", "a")
c.showPage(); c.setPageRotation(90); c.drawString(72, 400, "Turned"); c.showPage(); c.save()
c = canvas.Canvas("reportlab-ascii85.pdf", pageCompression=1, invariant=1)
c.setFont("Courier", 11)
for i in range(40): c.drawString(60, 780 - 18 * i, "Line %d of the harbour list" % i)
c.linearGradient(300, 300, 500, 500, ("#00aa66", "#0066aa")); c.showPage(); c.save()
`;

export async function makePageTools({ fileOf, folder, run, write }) {
  const source = (name, text) => (writeFileSync(join(folder, name), text), name);
  const ps = source("page.ps", postScript);
  const gs = (name, ...args) =>
    run("gs", ["-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", `-sOutputFile=${fileOf(name)}`, ...args]);
  for (const level of ["1.2", "1.4"]) gs(`ghostscript-${level}`, `-dCompatibilityLevel=${level}`, ps);
  gs("ghostscript-cropped", "-dEPSCrop", ps);
  gs("ghostscript-not-embedded", "-dEmbedAllFonts=false", "-dCompressPages=false", ps);
  gs("ghostscript-of-chromium", fileOf("chromium-effects"));
  run("gs", [
    "-q",
    "-dNOPAUSE",
    "-dBATCH",
    "-sDEVICE=pdfimage24",
    "-r50",
    `-sOutputFile=${fileOf("ghostscript-scan")}`,
    fileOf("writer-article"),
  ]);

  run("rsvg-convert", ["-f", "pdf", "-o", fileOf("cairo-drawing"), source("drawing.svg", drawing)]);
  run("rsvg-convert", ["-f", "pdf", "-o", fileOf("cairo-drawing-text"), source("text.svg", drawingWithText)]);
  run("pdftocairo", ["-pdf", fileOf("pdflatex-formulas"), fileOf("cairo-of-pdflatex")]);

  write("groff-ms", run("groff", ["-t", "-e", "-p", "-ms", "-Tpdf", source("text.ms", groffText)]));
  write("groff-man", run("groff", ["-man", "-Tpdf", source("tide.1", manual)]));

  run("weasyprint", ["-s", "/dev/null", source("lamp.html", html), fileOf("weasyprint-a5")]);
  run("/usr/bin/python3", [source("forms.py", reportLab)]);
  for (const name of ["reportlab-form", "reportlab-ascii85"]) run("cp", [`${name}.pdf`, fileOf(name)]);
}
