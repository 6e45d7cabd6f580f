import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LineTemplate, readTemplateValues, readTemplateValuesPlainly } from "./line-template.ts";
import { parseValue } from "./number.ts";

const encoder = new TextEncoder();

/** A template of lines by what stands before their values; lines that begin with "-" are not wanted. */
function templateOf(parts: readonly string[], rest = ""): LineTemplate {
  const ends = new Uint32Array(parts.length);
  let end = 0;
  parts.forEach((part, line) => {
    end += encoder.encode(part).length;
    ends[line] = end;
  });
  const wanted = Uint8Array.from(parts, (part) => (part.startsWith("-") ? 0 : 1));
  return { text: encoder.encode(parts.join("") + rest), ends, wanted, lineCount: parts.length };
}

const readers = [
  { name: "the compiled kernel", read: readTemplateValues },
  { name: "plain code", read: readTemplateValuesPlainly },
];

function valuesBy(read: typeof readTemplateValues, template: LineTemplate, body: string): number[] | null {
  const values = new Float64Array(template.lineCount);
  if (!read(template, encoder.encode(body), values)) return null;
  return [...values].slice(
    0,
    template.wanted.reduce((sum, isWanted) => sum + isWanted, 0),
  );
}

describe.each(readers)("$name", ({ read }) => {
  const template = templateOf(["# TYPE a counter\na ", 'b{c="d"} ', "-dropped ", "# a comment\nlast "], "# EOF\n");
  test.each<{ what: string; body: string; values: number[] | null }>([
    {
      what: "the same lines",
      body: '# TYPE a counter\na 1\nb{c="d"} -2.5\n-dropped 7\n# a comment\nlast 3e2\n# EOF\n',
      values: [1, -2.5, 300],
    },
    {
      what: "words for numbers",
      body: '# TYPE a counter\na NaN\nb{c="d"} +Inf\n-dropped -Inf\n# a comment\nlast -inf\n# EOF\n',
      values: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    },
    {
      what: "another comment",
      body: '# TYPE a gauge!!\na 1\nb{c="d"} 2\n-dropped 7\n# a comment\nlast 3\n# EOF\n',
      values: null,
    },
    {
      what: "another label",
      body: '# TYPE a counter\na 1\nb{c="e"} 2\n-dropped 7\n# a comment\nlast 3\n# EOF\n',
      values: null,
    },
    {
      what: "a line more at the end",
      body: '# TYPE a counter\na 1\nb{c="d"} 2\n-dropped 7\n# a comment\nlast 3\n# EOF\nx 1\n',
      values: null,
    },
    { what: "a line less at the end", body: '# TYPE a counter\na 1\nb{c="d"} 2\n-dropped 7\n', values: null },
    {
      what: "the end missing",
      body: '# TYPE a counter\na 1\nb{c="d"} 2\n-dropped 7\n# a comment\nlast 3\n',
      values: null,
    },
    {
      what: "a time",
      body: '# TYPE a counter\na 1 1000\nb{c="d"} 2\n-dropped 7\n# a comment\nlast 3\n# EOF\n',
      values: null,
    },
    {
      what: "no number where none is wanted",
      body: '# TYPE a counter\na 1\nb{c="d"} 2\n-dropped x\n# a comment\nlast 3\n# EOF\n',
      values: null,
    },
    { what: "nothing", body: "", values: null },
  ])("reads $what", ({ body, values }) => {
    expect(valuesBy(read, template, body)).toEqual(values);
  });

  test("reads a last line without a line end", () => {
    const open = templateOf(["a ", "b "]);
    expect(valuesBy(read, open, "a 1\nb 12.5")).toEqual([1, 12.5]);
    // What another body left in the same memory is no part of this one.
    expect(valuesBy(read, open, "a 1\nb 1")).toEqual([1, 1]);
  });

  test("reads every number as the parser does, to the last bit", () => {
    const digits = fc.stringMatching(/^[0-9]{0,22}$/);
    const written = fc
      .tuple(
        fc.constantFrom("", "-", "+"),
        digits,
        fc.constantFrom("", "."),
        digits,
        fc.constantFrom("", "e", "E+", "e-"),
        fc.nat(400),
      )
      .map(
        ([sign, whole, dot, fraction, mark, power]) =>
          sign + whole + dot + fraction + (mark === "" ? "" : mark + power),
      );
    const near = fc.double({ noNaN: false }).map((value) => String(value));
    const few = fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([value, power]) => `${value}e${power}`);
    const words = fc.constantFrom(
      "NaN",
      "Inf",
      "-Inf",
      "1_0",
      "0x1p3",
      "1 ",
      " 1",
      "1\t2",
      "1\r",
      ".",
      "e",
      "1e",
      "--1",
      "",
    );
    const one = templateOf(["x "]);
    fc.assert(
      fc.property(fc.oneof(written, near, few, words), (text) => {
        const bytes = encoder.encode(text);
        const expected = text === "" ? null : parseValue(bytes, 0, bytes.length);
        const found = valuesBy(read, one, `x ${text}\n`);
        expect(found).toEqual(expected === null ? null : [expected]);
      }),
      { numRuns: 3000 },
    );
  });

  test("reads a body that is too large for the kernel", () => {
    const parts = Array.from({ length: 5000 }, (_, line) => `${"n".repeat(2000)}${line} `);
    const large = templateOf(parts);
    const body = parts.map((part, line) => `${part}${line}\n`).join("");
    expect(valuesBy(read, large, body)).toEqual(parts.map((_, line) => line));
  });
});
