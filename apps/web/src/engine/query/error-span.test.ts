import { expect, test } from "vitest";
import { errorSpan } from "./error-span.ts";

test.each([
  {
    expr: "sum(rate(up[5m]) by job",
    message: 'invalid parameter "query": 1:18: parse error: unexpected <by> in aggregation',
    marked: "by",
  },
  { expr: "up{job==1}", message: "1:8: parse error: unexpected character", marked: "=" },
  { expr: "up +\n  on(", message: "2:5: parse error: unclosed left parenthesis", marked: "(" },
  { expr: 'up{job="žluť"} bad', message: "1:18: parse error: unexpected identifier", marked: "bad" },
])("$message marks $marked", ({ expr, message, marked }) => {
  const span = errorSpan(message, expr)!;
  expect(expr.slice(span.start, span.end)).toBe(marked);
});

test("the end of the expression is a place too", () => {
  expect(errorSpan("1:5: parse error: unexpected end of input", "sum(")).toEqual({ start: 4, end: 5 });
});

test.each([
  { message: "query timed out in expression evaluation" },
  { message: "9:1: parse error: somewhere else" },
  { message: "unknown position: parse error: no expression found in input" },
])("$message marks nothing", ({ message }) => {
  expect(errorSpan(message, "up")).toBeNull();
});
