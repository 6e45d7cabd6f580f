// What few programs write and all readers take: the corners of the format, by hand.

const line = (text, y = 100) => `BT /F1 14 Tf 20 ${y} Td (${text}) Tj ET`;
const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
const stream = (content, entries = "") => `<< /Length ${content.length}${entries} >>\nstream\n${content}\nendstream`;

/** Numbered objects from 1, a cross-reference table and a trailer. `lineEnd` stands after every line of the frame. */
function pdf(objects, { version = "1.4", trailer = "", lineEnd = "\n" } = {}) {
  let text = `%PDF-${version}${lineEnd}`;
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj${lineEnd}${object}${lineEnd}endobj${lineEnd}`;
    return offset;
  });
  return text + section(offsets, { first: 1, start: text.length, size: objects.length + 1, trailer, lineEnd });
}

function section(offsets, { first, start, size, trailer, lineEnd = "\n" }) {
  const entry = (offset) =>
    `${String(offset).padStart(10, "0")} 00000 n${lineEnd.length === 2 ? lineEnd : ` ${lineEnd}`}`;
  const free =
    first === 1
      ? `0 ${size}${lineEnd}0000000000 65535 f${lineEnd.length === 2 ? lineEnd : ` ${lineEnd}`}`
      : `${first} ${offsets.length}${lineEnd}`;
  return `xref${lineEnd}${free}${offsets.map(entry).join("")}trailer${lineEnd}<< /Size ${size} /Root 1 0 R ${trailer}>>${lineEnd}startxref${lineEnd}${start}${lineEnd}%%EOF${lineEnd}`;
}

/** Appends changed objects as editors do: the old bytes stay. */
function update(before, first, objects) {
  let text = before;
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${first + index} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const size = Math.max(6, first + objects.length);
  return (
    text +
    section(offsets, {
      first,
      start: text.length,
      size,
      trailer: `/Prev ${before.lastIndexOf("xref\n", before.lastIndexOf("startxref") - 1)} `,
    })
  );
}

const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
const onePage = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const page = (entries) => `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] ${entries} >>`;
const resources = "/Resources << /Font << /F1 5 0 R >> >>";
const simple = (options) =>
  pdf([catalog, onePage, page(`${resources} /Contents 4 0 R`), stream(line("By hand")), font], options);
const glyphs = stream("600 0 0 0 500 500 d1 0 0 500 500 re f");

export const handwritten = {
  "hand-carriage-returns": () => simple({ lineEnd: "\r", version: "1.0" }),
  "hand-inherited-tree": () =>
    pdf([
      catalog,
      `<< /Type /Pages /Kids [6 0 R] /Count 2 /MediaBox [0 0 300 200] /Rotate 90 ${resources} >>`,
      "<< /Type /Page /Parent 6 0 R /Contents 4 0 R >>",
      stream(line("Inherited")),
      font,
      "<< /Type /Pages /Parent 2 0 R /Kids [3 0 R 7 0 R] /Count 2 /CropBox [10 10 250 180] >>",
      "<< /Type /Page /Parent 6 0 R /Contents 4 0 R /UserUnit 2 >>",
    ]),
  "hand-split-contents": () =>
    pdf([
      catalog,
      onePage,
      page(`${resources} /Contents [4 0 R 6 0 R 7 0 R]`),
      stream("q 1 0 0 1 10 10 cm BT /F1 14 Tf 20"),
      font,
      stream("60 Td (In ) Tj"),
      stream("(pieces) Tj ET"),
    ]),
  "hand-without-contents": () => pdf([catalog, onePage, page("/Resources << >>")]),
  "hand-updated-twice": () =>
    update(update(simple(), 4, [stream(line("Second"))]), 4, [stream(`${line("Third")} ${line("and a line", 60)}`)]),
  "hand-type3-layers": () =>
    pdf([
      "<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [8 0 R] /D << /Order [8 0 R] >> >> >>",
      onePage,
      page(
        "/Resources << /Font << /F1 5 0 R >> /Properties << /L 8 0 R >> >> /Contents 4 0 R /PieceInfo << /Other << /LastModified (D:20240101) /Private 8 0 R >> >>",
      ),
      stream("/OC /L BDC BT /F1 20 Tf 20 100 Td (aaa) Tj ET EMC"),
      "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 600] /FontMatrix [.001 0 0 .001 0 0] /CharProcs << /a 6 0 R >> /Encoding 7 0 R /FirstChar 97 /LastChar 97 /Widths [600] >>",
      glyphs,
      "<< /Type /Encoding /Differences [97 /a] >>",
      "<< /Type /OCG /Name (Layer) >>",
    ]),
};
