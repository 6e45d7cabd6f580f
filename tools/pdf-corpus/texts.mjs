// What stands in the corpus: sentences put together by rule and a drawing. All of it is ours, so the files may be shared.

const subjects = [
  "The ferry",
  "A small lamp",
  "The archive",
  "Every third stone",
  "The clerk",
  "Our map",
  "A quiet engine",
];
const verbs = ["carries", "remembers", "outlasts", "measures", "hides", "repeats", "answers"];
const objects = [
  "the winter timetable",
  "a list of names",
  "its own shadow",
  "the long margin",
  "two letters",
  "the tide",
];
const places = [
  "near the harbour",
  "on page nine",
  "before noon",
  "under the stairs",
  "without a sound",
  "for AVA Tower, Inc.",
];

export const languages = {
  de: "Größere Fässer fließen übers Öl. Der Zöllner wägt heute schwäbische Äpfel.",
  el: "Το πλοίο φεύγει πριν από το μεσημέρι και ο χάρτης μένει στο τραπέζι.",
  ru: "Паром уходит до полудня, а карта остаётся на столе.",
  zh: "渡船在中午之前离开,地图留在桌子上。每第三块石头都有一个名字。",
  ja: "渡し船は正午の前に出ます。地図は机の上に残ります。カタカナとひらがな。",
  ar: "تغادر العبّارة قبل الظهر وتبقى الخريطة على الطاولة.",
  he: "המעבורת יוצאת לפני הצהריים והמפה נשארת על השולחן.",
};

/** The same sentence for the same number. */
export function sentence(number) {
  const pick = (list, step) => list[Math.floor(number / step) % list.length];
  return `${pick(subjects, 1)} ${pick(verbs, 2)} ${pick(objects, 3)} ${pick(places, 5)}.`;
}

export function paragraph(number, sentenceCount = 6) {
  return Array.from({ length: sentenceCount }, (_, index) => sentence(number * 7 + index * 3)).join(" ");
}

export const paragraphs = (count) => Array.from({ length: count }, (_, index) => paragraph(index));

export const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">
<defs><linearGradient id="g"><stop offset="0" stop-color="#0a6"/><stop offset="1" stop-color="#06a"/></linearGradient>
<pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse"><circle cx="6" cy="6" r="3" fill="#a40"/></pattern></defs>
<rect width="400" height="300" fill="#f4f4ee"/><rect x="20" y="20" width="160" height="100" fill="url(#g)"/>
<circle cx="290" cy="90" r="60" fill="url(#p)" stroke="#333"/>
<path d="M20 260 C 100 120 180 320 260 200 S 380 180 390 260" fill="none" stroke="#222" stroke-width="4" stroke-dasharray="9 4"/>
<g opacity=".5"><ellipse cx="120" cy="200" rx="70" ry="40" fill="#d22"/></g></svg>`;

export const drawingWithText = drawing.replace(
  "</svg>",
  `<text x="30" y="150" font-family="DejaVu Sans" font-size="22">Tide table</text>
<text x="210" y="190" font-family="DejaVu Serif" font-size="14" transform="rotate(12 210 190)">${sentence(4)}</text></svg>`,
);
