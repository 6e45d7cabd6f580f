// Printed pages, as browsers make them: Skia's PDF writer, tagged where asked.
import { chromium } from "playwright-core";
import { drawing, languages, paragraph, paragraphs } from "./texts.mjs";

const html = (body, style = "") =>
  `<!doctype html><html lang="en"><title>Corpus</title><style>body{font:12pt "DejaVu Serif"}${style}</style>${body}`;
const prose = (count) =>
  paragraphs(count)
    .map((text) => `<p>${text}</p>`)
    .join("");
const rows = (count) =>
  Array.from({ length: count }, (_, index) => `<tr><td>${index}<td>${index * index}<td>${paragraph(index, 1)}`).join(
    "",
  );
const photo = `<canvas id=c width=320 height=200></canvas><script>const x=c.getContext("2d");const d=x.createImageData(320,200);
for(let i=0;i<64000;i++){const u=i%320,v=i/320;d.data.set([128+100*Math.sin(u/19),128+90*Math.cos(v/13),(u*v/255)%255,255],i*4)}
x.putImageData(d,0,0)</script>`;

const pages = {
  "chromium-article": { body: `<h1>The ferry</h1>${prose(14)}` },
  "chromium-tagged-outline": {
    body: ["One", "Two", "Three"].map((title) => `<h1>${title}</h1><h2>Part</h2>${prose(6)}`).join(""),
    options: { tagged: true, outline: true },
  },
  "chromium-landscape-table": { body: `<table border=1>${rows(60)}</table>`, options: { landscape: true } },
  "chromium-languages": {
    body: Object.entries(languages)
      .map(([lang, text]) => `<p lang=${lang} dir=auto>${text} ${text}</p>`)
      .join(""),
    style: 'body{font:16pt "DejaVu Sans","WenQuanYi Micro Hei","IPAGothic"}',
  },
  "chromium-emoji": {
    body: "<p>\u{1F4CE} \u{1F58B}\uFE0F \u{1F433} \u{1F1F8}\u{1F1EA} \u{1F469}\u200D\u{1F52C} ferry \u2708\uFE0F</p>",
    style: 'body{font:28pt "DejaVu Sans","Noto Color Emoji"}',
  },
  "chromium-svg-letter": { body: drawing, options: { format: "Letter", scale: 0.6, displayHeaderFooter: true } },
  "chromium-canvas": { body: `${photo}${prose(2)}` },
  "chromium-effects": {
    body: `<div class=a>${prose(1)}</div><div class=b>${prose(1)}</div>`,
    style:
      ".a{opacity:.6;box-shadow:4px 4px 9px #444;background:linear-gradient(#fe9,#9ef)}.b{mix-blend-mode:multiply;background:#fcc}",
  },
  "chromium-links": {
    body: `<p><a href="https://example.org/">Outside</a> <a href="#end">Inside</a></p>${prose(12)}<p id=end>End</p>`,
    style: "body{columns:2}",
  },
  "chromium-40-pages": {
    body: Array.from({ length: 40 }, (_, index) => `<h1>Page ${index + 1}</h1>`).join(""),
    style: "h1{break-after:page}",
  },
};

export async function makeChromium({ fileOf, chromiumPath }) {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    for (const [name, { body, style, options }] of Object.entries(pages)) {
      await page.setContent(html(body, style));
      await page.pdf({ path: fileOf(name), format: "A4", printBackground: true, ...options });
    }
  } finally {
    await browser.close();
  }
}
