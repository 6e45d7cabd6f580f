import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { compileAnchoredRegex } from "./regex.ts";

test.each([
  { source: "", accepts: [""], refuses: ["a"] },
  { source: "api", accepts: ["api"], refuses: ["", "api2", "xapi"] },
  { source: "a|b|", accepts: ["a", "b", ""], refuses: ["ab", "a|b"] },
  { source: "(?:a|b)", accepts: ["a", "b"], refuses: ["", "ab"] },
  { source: "a.c", accepts: ["abc", "a\nc"], refuses: ["ac"] },
  { source: "a\\.c", accepts: ["a.c"], refuses: ["abc"] },
  { source: "api.*", accepts: ["api", "api-1", "api\n"], refuses: ["ap", "xapi"] },
  { source: "api.+", accepts: ["api1"], refuses: ["api"] },
  { source: ".*api", accepts: ["api", "x api"], refuses: ["api "] },
  { source: ".+api", accepts: ["xapi", "apiapi"], refuses: ["api"] },
  { source: ".*api.*", accepts: ["api", "xapix"], refuses: ["ap i"] },
  { source: ".+a.+", accepts: ["aaa", "bab"], refuses: ["aa", "ab", "a", ""] },
  { source: ".*", accepts: ["", "x", "\n"], refuses: [] },
  { source: ".+", accepts: ["x", "\n"], refuses: [""] },
  { source: "[45]..", accepts: ["404", "500"], refuses: ["200", "4040"] },
  { source: "(?i)api", accepts: ["API", "api"], refuses: ["ap"] },
  { source: "a|.*b", accepts: ["a", "b", "xb"], refuses: ["ax"] },
  { source: "a\\|b|c", accepts: ["a|b", "c"], refuses: ["a", "b"] },
])("$source accepts whole texts only", ({ source, accepts, refuses }) => {
  const regex = compileAnchoredRegex(source);
  for (const text of accepts) expect([text, regex.test(text)]).toEqual([text, true]);
  for (const text of refuses) expect([text, regex.test(text)]).toEqual([text, false]);
  expect(regex.source).toBe(source);
});

test.each([
  { source: "[a", message: "error parsing regexp: missing closing ]: `[a`" },
  { source: "a(", message: "error parsing regexp: missing closing ): `a(`" },
  { source: "a)|(b", message: "error parsing regexp: unexpected ): `a)|(b`" },
  { source: "*", message: "error parsing regexp: missing argument to repetition operator: `*`" },
  { source: "(?=x)", message: "error parsing regexp: invalid or unsupported Perl syntax: `(?=`" },
  { source: "a|*", message: "error parsing regexp: missing argument to repetition operator: `*`" },
])("refuses $source as Go does", ({ source, message }) => {
  expect(() => compileAnchoredRegex(source)).toThrow(message);
});

test.each([
  { source: "(.*)", text: "a-b", template: "$1-${1}x", expanded: "a-b-a-bx" },
  { source: "(.*)", text: "", template: "<$1>", expanded: "<>" },
  { source: "app_(.+)", text: "app_x", template: "$1", expanded: "x" },
  { source: "(.*)a(.*)", text: "bacad", template: "$1/$2", expanded: "bac/d" },
  { source: "(.+):(\\d+)", text: "host:80", template: "$2 $1 $3$$", expanded: "80 host $" },
  { source: "(?P<name>a+)b", text: "aab", template: "${name}$missing$1x", expanded: "aa" },
  { source: "a|b", text: "b", template: "$0$1", expanded: "b" },
])("$source puts what it caught in $text into $template", ({ source, text, template, expanded }) => {
  const regex = compileAnchoredRegex(source);
  expect(regex.expand(template, regex.match(text) ?? [])).toBe(expanded);
});

test.each([
  { source: "a|b|a", literals: ["a", "b"] },
  { source: "a", literals: ["a"] },
  { source: "a.*", literals: undefined },
  { source: "(a|b)", literals: undefined },
])("knows the only texts of $source", ({ source, literals }) => {
  expect(compileAnchoredRegex(source).literals).toEqual(literals);
});

test("answers as RE2 does, groups included", () => {
  const pieces = fc.constantFrom(
    "a",
    "b",
    "ab",
    "\\.",
    ".",
    "|",
    ".*",
    ".+",
    "(.*)",
    "(.+)",
    "(?:",
    "(",
    ")",
    "\n",
    "-",
    "x?",
  );
  const sources = fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join(""));
  const texts = fc
    .array(fc.constantFrom("a", "b", ".", "\n", "-", "x"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(sources, texts, (source, text) => {
      expect(told(() => oursMatch(source, text))).toEqual(told(() => oracleMatch(source, text)));
    }),
    { numRuns: 3000 },
  );
});

/** What the function gives, or that it refused. */
function told<Result>(run: () => Result): Result | "refused" {
  try {
    return run();
  } catch {
    return "refused";
  }
}

function oursMatch(source: string, text: string): { accepts: boolean; groups: readonly string[] | null } {
  const regex = compileAnchoredRegex(source);
  return { accepts: regex.test(text), groups: regex.match(text) };
}

function oracleMatch(source: string, text: string): ReturnType<typeof oursMatch> {
  const matcher = RE2JS.compile(source, RE2JS.DOTALL).matcher(text);
  if (!matcher.matches()) return { accepts: false, groups: null };
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? "");
  return { accepts: true, groups };
}

test("takes time linear in the text", () => {
  const regex = compileAnchoredRegex("(a*)*b");
  const startMs = performance.now();
  expect(regex.test("a".repeat(20_000))).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(5000);
});

test("keeps compiled expressions, the newest thousand", () => {
  const first = compileAnchoredRegex("kept-1");
  expect(compileAnchoredRegex("kept-1")).toBe(first);
  for (let index = 0; index < 1001; index++) compileAnchoredRegex(`other-${index}`);
  expect(compileAnchoredRegex("kept-1")).not.toBe(first);
});
