import { expect, test } from "vitest";
import { formatDiagnostic, lineAndColumn } from "./diagnostic.ts";

test.each([
  { offset: 0, place: { line: 1, column: 1 } },
  { offset: 2, place: { line: 1, column: 3 } },
  { offset: 3, place: { line: 2, column: 1 } },
  { offset: 5, place: { line: 3, column: 1 } },
])("offset $offset is $place", ({ offset, place }) => {
  expect(lineAndColumn("ab\nc\nd", offset)).toEqual(place);
});

test("draws the message, the place with a caret, and the hint", () => {
  const diagnostic = {
    code: "matcher_syntax",
    message: 'Cannot parse matcher: found "==", expected an operator',
    hint: 'Use one of = != =~ !~, as in job="api"',
    span: { start: 6, end: 8 },
  };
  expect(formatDiagnostic(diagnostic, 'up{job=="api"}')).toBe(
    [
      'Cannot parse matcher: found "==", expected an operator',
      '  1:7  up{job=="api"}',
      "             ^^",
      '  Use one of = != =~ !~, as in job="api"',
    ].join("\n"),
  );
});

test("names file, line and column", () => {
  const position = { file: "prometheus.yml", line: 3, column: 5 };
  expect(formatDiagnostic({ code: "x", message: "Cannot read it", position })).toBe(
    "prometheus.yml:3:5: Cannot read it",
  );
});
