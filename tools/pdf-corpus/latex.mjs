// TeX: pdfTeX with and without object streams, dvipdfmx, dvips with bitmap fonts, XeTeX with composite fonts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { languages, paragraphs } from "./texts.mjs";

const article = (preamble, body) =>
  `\\documentclass[11pt]{article}\n${preamble}\n\\begin{document}\n${body}\n\\end{document}\n`;
const prose = (count) => paragraphs(count).join("\n\n");
const formulas = `\\section{Sums}\\[ \\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}, \\qquad \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2} \\]
\\[ A = \\left(\\begin{array}{cc} a & b \\\\ c & d \\end{array}\\right), \\quad \\vec v \\cdot \\nabla f \\le \\hat\\alpha_{\\beta_\\gamma} \\]`;
const hyperref = "\\usepackage[colorlinks]{hyperref}";
const sections = ["One", "Two", "Three"].map((title) => `\\section{${title}}\\label{${title}}${prose(4)}\n`).join("");
const form = `\\begin{Form}\\TextField[name=who,width=5cm]{Who:} \\par\\CheckBox[name=ok]{Agreed}\\par
\\ChoiceMenu[name=how,combo]{How:}{By ferry,By lamp}\\end{Form}`;

const sources = {
  "pdflatex-article": { tex: article("", prose(12)) },
  "pdflatex-formulas": { tex: article("\\usepackage{amsmath}", `${formulas}${prose(3)}${formulas}`) },
  "pdflatex-links": {
    tex: article(hyperref, `\\tableofcontents${sections}See \\ref{One}, \\href{https://example.org}{outside}.`),
    runs: 2,
  },
  "pdflatex-uncompressed-1.3": {
    tex: article("\\pdfminorversion=3\\pdfcompresslevel=0\\pdfobjcompresslevel=0", prose(6)),
  },
  "pdflatex-2.0": { tex: article("\\pdfmajorversion=2\\pdfminorversion=0", prose(6)) },
  "pdflatex-form": { tex: article("\\usepackage{hyperref}", form) },
  "pdflatex-two-columns-a5": {
    tex: article(
      "\\usepackage[a5paper,landscape,margin=1cm]{geometry}\\usepackage[T1]{fontenc}\\usepackage{lmodern}",
      `\\twocolumn ${prose(14)}`,
    ),
  },
  "dvipdfmx-article": { tex: article("\\usepackage{xcolor}", `\\textcolor{red}{Red} ${prose(8)}`), driver: "dvipdfmx" },
  "dvips-bitmap-fonts": { tex: article("", prose(3)), driver: "dvips" },
  "xelatex-languages": {
    tex: article(
      "\\usepackage{fontspec}\\setmainfont{DejaVu Serif}\\newfontfamily\\han{WenQuanYi Micro Hei}",
      `${languages.de}\n\n${languages.el}\n\n${languages.ru}\n\n{\\han ${languages.zh}}\n\n${prose(4)}`,
    ),
    driver: "xelatex",
  },
};

export async function makeLatex({ fileOf, folder, run }) {
  for (const [name, { tex, driver = "pdflatex", runs = 1 }] of Object.entries(sources)) {
    writeFileSync(join(folder, `${name}.tex`), tex);
    const compiler = { pdflatex: "pdflatex", xelatex: "xelatex" }[driver] ?? "latex";
    for (let round = 0; round < runs; round++) run(compiler, ["-interaction=batchmode", `${name}.tex`]);
    if (driver === "dvipdfmx") run("dvipdfmx", [`${name}.dvi`]);
    if (driver === "dvips") {
      run("dvips", ["-q", "-V", "-D", "300", `${name}.dvi`, "-o", `${name}.ps`]);
      run("ps2pdf", [`${name}.ps`, `${name}.pdf`]);
    }
    run("cp", [`${name}.pdf`, fileOf(name)]);
  }
}
