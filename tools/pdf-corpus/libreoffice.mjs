// LibreOffice from flat XML documents: text, sheet, drawing and slides, with the versions and standards it can write.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { languages, paragraph, paragraphs, sentence } from "./texts.mjs";

const spaces = ["office", "text", "table", "draw", "style", "svg:svg-compatible", "presentation", "xlink"]
  .map((name) => {
    const [prefix, path = prefix] = name.split(":");
    return prefix === "xlink"
      ? 'xmlns:xlink="http://www.w3.org/1999/xlink"'
      : `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${path === "draw" ? "drawing" : path}:1.0"`;
  })
  .join(" ");
const flat = (type, body) =>
  `<?xml version="1.0" encoding="UTF-8"?><office:document ${spaces} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.${type}"><office:body>${body}</office:body></office:document>`;
const p = (text) => `<text:p>${text}</text:p>`;
const h = (text) => `<text:h text:outline-level="1">${text}</text:h>`;
const prose = (count) => paragraphs(count).map(p).join("");
const shapes = `<draw:rect svg:x="2cm" svg:y="2cm" svg:width="6cm" svg:height="3cm">${p("Box")}</draw:rect><draw:ellipse svg:x="9cm" svg:y="4cm" svg:width="5cm" svg:height="5cm"/><draw:line svg:x1="2cm" svg:y1="12cm" svg:x2="15cm" svg:y2="9cm"/>`;
const cells = (row) =>
  `<table:table-row><table:table-cell office:value-type="float" office:value="${row}"/><table:table-cell office:value-type="float" office:value="${row * row}"/><table:table-cell office:value-type="string">${p(sentence(row))}</table:table-cell></table:table-row>`;
const list = (count, make) => Array.from({ length: count }, (_, index) => make(index)).join("");
const link = p(`<text:a xlink:href="https://example.org/">Outside</text:a> ${sentence(3)}`);

const text = flat(
  "text",
  `<office:text>${h("The archive")}${prose(10)}${h("The tide")}${prose(8)}${link}</office:text>`,
);
const documents = {
  "writer-article": { type: "fodt", source: text, filter: "writer_pdf_Export" },
  "writer-tagged": {
    type: "fodt",
    source: text,
    filter: "writer_pdf_Export",
    options: { UseTaggedPDF: true, ExportBookmarks: true },
  },
  "writer-pdfa1": { type: "fodt", source: text, filter: "writer_pdf_Export", options: { SelectPdfVersion: 1 } },
  "writer-languages": {
    type: "fodt",
    source: flat("text", `<office:text>${Object.values(languages).map(p).join("")}</office:text>`),
    filter: "writer_pdf_Export",
  },
  "calc-table": {
    type: "fods",
    source: flat(
      "spreadsheet",
      `<office:spreadsheet><table:table table:name="Tides">${list(120, cells)}</table:table></office:spreadsheet>`,
    ),
    filter: "calc_pdf_Export",
  },
  "draw-shapes": {
    type: "fodg",
    source: flat("graphics", `<office:drawing><draw:page draw:name="one">${shapes}</draw:page></office:drawing>`),
    filter: "draw_pdf_Export",
  },
  "impress-slides": {
    type: "fodp",
    source: flat(
      "presentation",
      `<office:presentation>${list(5, (index) => `<draw:page draw:name="s${index}">${shapes}<draw:frame svg:x="2cm" svg:y="13cm" svg:width="20cm" svg:height="2cm"><draw:text-box>${p(paragraph(index, 1))}</draw:text-box></draw:frame></draw:page>`)}</office:presentation>`,
    ),
    filter: "impress_pdf_Export",
  },
};

export async function makeLibreOffice({ fileOf, folder, run }) {
  for (const [name, { type, source, filter, options = {} }] of Object.entries(documents)) {
    const file = join(folder, `${name}.${type}`);
    writeFileSync(file, source);
    const values = Object.entries(options).map(([key, value]) => [
      key,
      { type: typeof value === "number" ? "long" : "boolean", value: String(value) },
    ]);
    const convert = `pdf:${filter}:${JSON.stringify(Object.fromEntries(values))}`;
    run("soffice", [
      "--headless",
      `-env:UserInstallation=file://${folder}/office`,
      "--convert-to",
      convert,
      "--outdir",
      folder,
      file,
    ]);
    run("cp", [join(folder, `${name}.pdf`), fileOf(name)]);
  }
}
