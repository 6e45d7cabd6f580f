/** How much of what attackers write is recognised, that nothing of what people write is, and what the looking costs. */
import { expect, test } from "vitest";
import { isEscapingName, isEscapingPath, isEscapingText, isEscapingValue } from "./path-traversal.ts";
import { isPluginCall } from "./plugin-call.ts";
import { hasScriptMarkup } from "./script-markup.ts";
import { looksLikeSqlInjection } from "./sql-injection.ts";
import { harmlessTexts } from "./testing/harmless-texts.ts";
import { pathTraversals, valueTraversals } from "./testing/path-traversals.ts";
import { scriptMarkups } from "./testing/script-markups.ts";
import { numberInjections, sqlInjections } from "./testing/sql-injections.ts";

const recallMin = 0.95;
const inspectionMaxMs = 50;

const isInjection = (text: string): boolean => looksLikeSqlInjection(text, "text");
const isNumberInjection = (text: string): boolean => looksLikeSqlInjection(text, "id");

const families = [
  ...Object.entries(sqlInjections).map(([family, texts]) => ({ family, texts, recognise: isInjection })),
  { family: "injection in a number", texts: numberInjections, recognise: isNumberInjection },
  ...Object.entries(pathTraversals).map(([family, texts]) => ({ family, texts, recognise: isEscapingName })),
  { family: "traversal in any value", texts: valueTraversals, recognise: isEscapingValue },
  { family: "script", texts: scriptMarkups, recognise: hasScriptMarkup },
];

test("the corpus is large enough to say something, and says nothing twice", () => {
  const attacks = families.flatMap(({ family, texts }) => texts.map((text) => `${family}: ${text}`));
  expect(new Set(attacks).size).toBe(attacks.length);
  expect(new Set(harmlessTexts).size).toBe(harmlessTexts.length);
  expect(attacks.length).toBeGreaterThanOrEqual(120);
  expect(harmlessTexts.length).toBeGreaterThanOrEqual(150);
});

test.each(families)("attacks of the family $family are recognised", ({ texts, recognise }) => {
  const missed = texts.filter((text) => !recognise(text));
  const recall = 1 - missed.length / texts.length;
  expect({ missed: recall < recallMin ? missed : [] }).toEqual({ missed: [] });
});

test("an attack in the place of a number is one in any other form as well", () => {
  expect(Object.values(sqlInjections).flatMap((texts) => texts.filter((text) => !isNumberInjection(text)))).toEqual([]);
});

test.each([
  { as: "an injection", recognise: isInjection },
  { as: "a traversal in a name", recognise: isEscapingName },
  { as: "a traversal in a title", recognise: isEscapingText },
  { as: "a traversal in a value", recognise: isEscapingValue },
  { as: "script", recognise: hasScriptMarkup },
])("nothing harmless is $as", ({ recognise }) => {
  expect(harmlessTexts.filter(recognise)).toEqual([]);
});

test("harmless texts stay harmless in a path", () => {
  const paths = harmlessTexts
    // A slash, encoded, is an attempt in every path.
    .filter((text) => !/[/\\]/.test(text))
    .map((text) => `/files/${encodeURIComponent(text)}`);
  expect(paths.filter((path) => isEscapingPath(path) || isPluginCall(path))).toEqual([]);
});

test("100 kB of anything are looked at in no time", () => {
  const parts = [
    ..."' \" ( ) ; , . < > = - # / * % + & | \\ @ ~ \0 a 1 \n".split(" "),
    " ",
    ...[
      "' or ",
      "' or 'a",
      "'a' ",
      "/*",
      "/**/",
      "*/",
      "/*!1",
      "--",
      "--\n",
      "#\n",
      ";update ",
      "; update a set",
      "((",
      "))",
    ],
    ...[
      "1 or ",
      "1 or 1",
      "union ",
      "union select ",
      "union(",
      "union all ",
      "select ",
      "sleep",
      "sleep(",
      "' and a(",
      "' order by ",
    ],
    ...[
      "%2",
      "%25",
      "%c0",
      "%u002",
      "../",
      "....//",
      "..;/",
      ".%2e",
      "＇",
      "\ud800",
      "javascript",
      "<a",
      "<a ",
      "<a on",
      "' on",
      "&#",
      "on",
    ],
    ...[
      "'||",
      "' || (",
      "' in (",
      "' between 1 and",
      "' like ",
      "(select",
      "0x1",
      "a.a.",
      "\\u00",
      " ' a",
      "'a'a",
      "' (",
      "')",
      "' )",
    ],
    ...["1 )", "1 (", "'!", "' not ", "/api/", "//", "/./", "/a/../"],
  ];
  const slow = parts.flatMap((part) => {
    const text = part.repeat(Math.ceil(100_000 / part.length));
    return [
      isInjection,
      isNumberInjection,
      isEscapingName,
      isEscapingText,
      isEscapingValue,
      isEscapingPath,
      hasScriptMarkup,
      isPluginCall,
    ].flatMap((recognise) => {
      const durationMs = Math.min(...Array.from({ length: 3 }, () => timeOf(() => recognise(text))));
      return durationMs > inspectionMaxMs
        ? [`${JSON.stringify(part)} ${recognise.name} ${durationMs.toFixed(0)} ms`]
        : [];
    });
  });
  expect(slow).toEqual([]);
});

function timeOf(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}
