import * as fc from "fast-check";
import { expect, test } from "vitest";
import { joinStrings } from "./content-strings.ts";

test.each([
  { what: "one string", content: "BT 3 Tr (TWM1.abc) Tj ET", text: "TWM1.abc" },
  { what: "pieces with gaps", content: "[(TWM)-250(1.)0(abc)]TJ", text: "TWM1.abc" },
  { what: "hexadecimal", content: "<54574D31> Tj <2e 61 62\n63> Tj", text: "TWM1.abc" },
  { what: "escapes", content: "(\\124W\\1151\\056a\\\nb\\c\\(\\)) '", text: "TWM1.abc()" },
  { what: "parentheses in parentheses", content: "(a(b)c)Tj(d)Tj", text: "a(b)cd" },
  { what: "comments and names", content: "% (no)\n/F(a)Tj/(b)Tj", text: "ab" },
  { what: "dictionaries", content: "/Span<</ActualText()/MCID 1>>BDC(a)Tj EMC", text: "a" },
  { what: "a picture within", content: "(a)Tj BI /W 1 ID \x00((<EI\x00 EI (b)Tj", text: "ab" },
  { what: "a picture without an end", content: "(a)Tj BI ID ((((", text: "a" },
  { what: "a string without an end", content: "(a)Tj (b\\", text: "ab" },
])("joins $what", ({ content, text }) => {
  expect(joinStrings(content)).toBe(text);
});

test("whatever is in the stream, reading it ends", () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("(", ")", "\\", "<", ">", "BI", "ID", "EI", " ", "%", "\n", "/", "a")),
      (parts) => {
        expect(joinStrings(parts.join("")).length).toBeLessThanOrEqual(parts.join("").length);
      },
    ),
  ));

test.each(["(", "<", "<<", "\\", "ID ", "(\\", "<0", "BI ID\n"])(
  "very many of %j take a moment",
  (part) => {
    expect(joinStrings(part.repeat(300_000)).length).toBeLessThanOrEqual(600_000);
  },
  5_000,
);
