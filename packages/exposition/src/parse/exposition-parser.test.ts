import { labelsOf } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ExpositionSyntaxError } from "../errors.ts";
import { formatSeries } from "../write/exposition-writer.ts";
import { ExpositionParser } from "./exposition-parser.ts";
import { parseValue } from "./number.ts";
import { type ExpositionFormat, parseSeries } from "./series-text.ts";

const encoder = new TextEncoder();

/** Each entry in one line, as a reader would tell it. */
function told(text: string, format: ExpositionFormat): string[] {
  const parser = new ExpositionParser(encoder.encode(text), format);
  const lines: string[] = [];
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry === "series") {
      const exemplar = parser.exemplar();
      const time = parser.hasTimestamp ? ` @${parser.timestampMs}` : "";
      const extra =
        exemplar === null ? "" : ` # ${formatSeries(exemplar.labels)} ${exemplar.value} @${exemplar.timestampMs}`;
      lines.push(`${formatSeries(parser.labels())} = ${parser.value}${time}${extra}`);
    } else
      lines.push(
        `${entry} ${parser.metricName()} ${entry === "type" ? parser.metricType() : JSON.stringify(parser.text())}`,
      );
  }
  return lines;
}

test.each([
  { text: "a 1\n", told: ["a = 1"] },
  { text: "a 1", told: ["a = 1"] },
  { text: "", told: [] },
  { text: "\n\n  \n", told: [] },
  { text: "\ta\t1 \n", told: ["a = 1"] },
  { text: 'a{b="c"}1\n', told: ['a{b="c"} = 1'] },
  { text: 'a { b = "c" , d = "e" , } 1 1234\n', told: ['a{b="c",d="e"} = 1 @1234'] },
  { text: 'a{b="c"d="e"} 1\n', told: ['a{b="c",d="e"} = 1'] },
  { text: "a{} 1\n", told: ["a = 1"] },
  { text: 'a{b=""} 1\n', told: ["a = 1"] },
  { text: 'a{b="x\\\\y\\"z\\n\\q"} 1\n', told: ['a{b="x\\\\y\\"z\\n\\\\q"} = 1'] },
  { text: 'a{b="}{,=\\""} 1\n', told: ['a{b="}{,=\\""} = 1'] },
  { text: '{"my.metric",a="b"} 1\n', told: ['{"my.metric",a="b"} = 1'] },
  { text: '{a="b","my.metric"} 1\n', told: ['{"my.metric",a="b"} = 1'] },
  { text: 'a{"my label"="b"} 1\n', told: ['a{"my label"="b"} = 1'] },
  { text: "a +Inf\nb -inf\nc NaN\n", told: ["a = Infinity", "b = -Infinity", "c = NaN"] },
  { text: "a 1.5e-7 -5\n", told: ["a = 1.5e-7 @-5"] },
  { text: "# a comment\n#HELP a b\n# HELPFUL a b\n#\n", told: [] },
  { text: "# HELP a b \\\\ c \\n d\n# TYPE a counter\n", told: ['help a "b \\\\ c \\n d"', "type a counter"] },
  { text: "# HELP a\n#\tTYPE\ta\tuntyped", told: ['help a ""', "type a unknown"] },
  { text: '# TYPE "my.metric" gauge\n', told: ["type my.metric gauge"] },
])("reads the text format: $text", ({ text, told: expected }) => {
  expect(told(text, "text")).toEqual(expected);
});

test.each([
  { text: "# EOF\n", told: [] },
  { text: "# EOF", told: [] },
  { text: "a 1 1.5\n# EOF\n", told: ["a = 1 @1500"] },
  { text: 'a_total 1 # {t="x"} 0.5\n# EOF\n', told: ['a_total = 1 # {t="x"} 0.5 @null'] },
  { text: "a_total 1 2 # {} 0.5 3\n# EOF\n", told: ["a_total = 1 @2000 # {} 0.5 @3000"] },
  {
    text: "# UNIT a_seconds seconds\n# TYPE a_seconds info\n# EOF\n",
    told: ['unit a_seconds "seconds"', "type a_seconds info"],
  },
  { text: '{"my.metric",a="b"} 1\n# EOF\n', told: ['{"my.metric",a="b"} = 1'] },
  { text: "a 1 1e308\nb 1 -1e308\n# EOF\n", told: [`a = 1 @${2 ** 63}`, `b = 1 @${-(2 ** 63)}`] },
])("reads OpenMetrics: $text", ({ text, told: expected }) => {
  expect(told(text, "openmetrics")).toEqual(expected);
});

test("takes the caller's word for the end of a series text", () => {
  const bytes = encoder.encode('a{b="c"} 1\nd 2\n');
  const parser = new ExpositionParser(bytes, "text", { endOfKnown: (start) => (start === 0 ? 8 : -1) });
  expect([parser.next(), parser.seriesEnd, parser.value]).toEqual(["series", 8, 1]);
  expect([parser.next(), parser.seriesStart, parser.seriesEnd, parser.value]).toEqual(["series", 11, 12, 2]);
  expect(parser.next()).toBe("end");
});

test.each([
  { what: "a label value", series: `a{b="${"x".repeat(2 ** 20)}"}` },
  { what: "a metric name", series: "x".repeat(2 ** 20 + 1) },
  { what: "many labels", series: `a{${Array.from({ length: 200_000 }, (_, index) => `l${index}="x"`).join(",")}}` },
])("refuses a series that is too long: $what", ({ series }) => {
  expect(() => told(`${series} 1\n`, "text")).toThrow("expected at most 1048576 bytes of name and labels");
});

test.each(["1".repeat(2049), `0.${"0".repeat(30_000_000)}1`])("refuses a number that is too long", (number) => {
  expect(() => told(`a ${number}\n`, "text")).toThrow("expected a number as value");
});

test.each([
  { text: "a 1\nb\n", line: 2, column: 2, found: "the end of the line", expected: "a number as value" },
  { text: "a x\n", line: 1, column: 3, found: '"x"', expected: "a number as value" },
  { text: "a 1 2 3\n", line: 1, column: 7, found: '"3"', expected: "the end of the line" },
  { text: "a 1 1.5\n", line: 1, column: 5, found: '"1.5"', expected: "a timestamp in milliseconds" },
  {
    text: "a 99999999999999999999 99999999999999999999\n",
    line: 1,
    column: 24,
    found: '"99999999999999999999"',
    expected: "a timestamp in milliseconds",
  },
  { text: "a.b 1\n", line: 1, column: 2, found: '".b 1"', expected: "a number as value" },
  { text: "9a 1\n", line: 1, column: 1, found: '"9a 1"', expected: "a metric name" },
  { text: 'a{b="c} 1\n', line: 1, column: 5, found: '"\\"c} 1"', expected: "a text with a closing double quote" },
  { text: 'a{b="c"', line: 1, column: 8, found: "the end of the text", expected: "}" },
  { text: 'a{b="c",', line: 1, column: 9, found: "the end of the text", expected: "}" },
  { text: "a{,} 1\n", line: 1, column: 3, found: '",} 1"', expected: "a label name" },
  { text: "a{b} 1\n", line: 1, column: 4, found: '"} 1"', expected: "= after the label name" },
  { text: "a{b=c} 1\n", line: 1, column: 5, found: '"c} 1"', expected: "a label value in double quotes" },
  { text: '{b="c"} 1\n', line: 1, column: 7, found: '"} 1"', expected: "a quoted metric name before }" },
  { text: 'a{"b"} 1\n', line: 1, column: 3, found: '"\\"b\\"} 1"', expected: "one metric name only" },
  { text: "a 0x1p3\n", line: 1, column: 3, found: '"0x1p3"', expected: "a number as value" },
  { text: "a 1_000\n", line: 1, column: 3, found: '"1_000"', expected: "a number as value" },
  { text: "a 1e400\n", line: 1, column: 3, found: '"1e400"', expected: "a number as value" },
  { text: "# TYPE a meh\n", line: 1, column: 10, found: '"meh"', expected: "a metric type" },
  { text: "# TYPE a info\n", line: 1, column: 10, found: '"info"', expected: "a metric type" },
  {
    text: "<!doctype html><html><head><title>Not metrics at all</title>",
    line: 1,
    column: 1,
    found: '"<!doctype html><html><head><title>Not me"',
    expected: "a metric name",
  },
  { text: "a 1\r\n", line: 1, column: 3, found: '"1\\r"', expected: "a number as value" },
])("refuses $text", ({ text, ...expected }) => {
  let error: unknown;
  try {
    told(text, "text");
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ExpositionSyntaxError);
  expect(error).toMatchObject(expected);
  expect((error as Error).message).toBe(
    `Cannot parse metrics at line ${expected.line}, column ${expected.column}: found ${expected.found}, expected ${expected.expected}`,
  );
});

test.each([
  { bytes: [0x61, 0x7b, 0x62, 0x3d, 0x22, 0xff, 0x22, 0x7d], expected: "UTF-8" },
  { bytes: [...encoder.encode('a{b="1",b="2"}')], expected: 'label name "b" once' },
])("refuses labels that cannot be: $expected", ({ bytes, expected }) => {
  expect(() => parseSeries(Uint8Array.from(bytes), 0, bytes.length)).toThrow(expected);
});

test("an OpenMetrics text without its end is refused, and nothing comes after the end", () => {
  expect(() => told("a 1\n", "openmetrics")).toThrow("expected # EOF at the end");
  const parser = new ExpositionParser(encoder.encode("# EOF\n"), "openmetrics");
  expect([parser.next(), parser.next()]).toEqual(["end", "end"]);
});

const name = fc.oneof(fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/), fc.string({ minLength: 1, unit: "binary" }));
const labels = fc
  .tuple(
    name,
    fc.dictionary(fc.string({ minLength: 1, unit: "binary" }), fc.string({ unit: "binary" }), { maxKeys: 5 }),
  )
  .map(([metric, pairs]) => labelsOf({ ...pairs, __name__: metric }));

test.each(["text", "openmetrics"] as const)("a written series reads back in %s", (format) =>
  fc.assert(
    fc.property(labels, (written) => {
      const bytes = encoder.encode(`${formatSeries(written)} 1\n# EOF\n`);
      const parser = new ExpositionParser(bytes, format);
      expect(parser.next()).toBe("series");
      expect(parser.labels()).toEqual(written);
      expect(parser.next()).toBe("end");
    }),
  ),
);

test("numbers are read as the nearest double, on the short way and the long one", () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double().map(String),
        fc
          .tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.nat({ max: 9 }))
          .map(([digits, places]) => (digits / 10 ** places).toFixed(places)),
        fc.stringMatching(/^-?[0-9]{0,18}\.?[0-9]{1,18}$/),
      ),
      (text) => {
        const bytes = encoder.encode(text);
        expect(parseValue(bytes, 0, bytes.length)).toBe(Number(text));
      },
    ),
    { numRuns: 2000 },
  ));

test("any bytes end in entries or a syntax error", () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.stringMatching(/^[a{}"=,# \n\\1TYPEOF]{0,40}$/).map((text) => encoder.encode(text)),
      ),
      fc.constantFrom("text" as const, "openmetrics" as const),
      (bytes, format) => {
        const error = failureOf(bytes, format);
        expect(error === null || error instanceof ExpositionSyntaxError).toBe(true);
      },
    ),
    { numRuns: 3000 },
  ));

function failureOf(bytes: Uint8Array, format: ExpositionFormat): unknown {
  const parser = new ExpositionParser(bytes, format);
  try {
    for (let entry = parser.next(); entry !== "end"; entry = parser.next()) if (entry === "series") parser.labels();
    return null;
  } catch (error) {
    return error;
  }
}
