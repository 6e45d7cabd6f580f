import { expect, test } from "vitest";
import { compileSearchRegex } from "./search-regex.ts";

// The results are those of Go's regexp.ReplaceAllString.
test.each([
  { pattern: "a(.)", text: "abac", template: "<$1>", replaced: "<b><c>" },
  { pattern: "a*", text: "baac", template: "x", replaced: "xbxcx" },
  { pattern: "(?P<host>[^:]+):(.*)", text: "web:80", template: `\${host}-$2 $$ $nope`, replaced: "web-80 $ " },
  { pattern: "(a)|b", text: "ab", template: "[$1]", replaced: "[a][]" },
])("replaces $pattern in $text", ({ pattern, text, template, replaced }) => {
  expect(compileSearchRegex(pattern).replaceAll(text, template, 100)).toBe(replaced);
});

test("a replacement that grows beyond its limit is refused", () => {
  const regex = compileSearchRegex("(.*)");
  expect(() => regex.replaceAll("x".repeat(1000), "$1".repeat(100_000), 5000)).toThrow("longer than 5000");
});

test("a pattern that RE2 refuses is told in Go's words", () => {
  expect(() => compileSearchRegex("(a")).toThrow("error parsing regexp: missing closing ): `(a`");
});
