import { parser as grammar } from "@prometheus-io/lezer-promql";
import { compareStrings, makeMatcher } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { AggregationOperator, BinaryOperator, DurationExpr, Expr, SourceSpan } from "./ast.ts";
import { parseExpr } from "./parse-expr.ts";
import { printExpr } from "./print-expr.ts";

const features = {
  experimentalFunctions: true,
  durationExpr: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};
const span: SourceSpan = { start: 0, end: 0, line: 1, column: 1 };

const labelName = fc.constantFrom("job", "instance", "by", "le", "my.label", "ü n");
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const matcher = fc
  .record({ label: labelName, operator: fc.constantFrom<"=" | "!=">("=", "!="), value: text })
  .map(({ label, operator, value }) => makeMatcher(label, operator, value));
const durationLiteral = fc
  .integer({ min: 1, max: 10 ** 10 })
  .map((durationMs): DurationExpr => ({ kind: "duration", durationMs, span }));
const duration: fc.Arbitrary<DurationExpr> = fc.oneof(
  durationLiteral,
  fc.constantFrom<DurationExpr>({ kind: "step", span }, { kind: "range", span }),
  fc
    .record({
      operator: fc.constantFrom<"min_of" | "max_of" | "+" | "*">("min_of", "max_of", "+", "*"),
      left: durationLiteral,
      right: durationLiteral,
    })
    .map(
      ({ operator, left, right }): DurationExpr => ({
        kind: "durationBinary",
        operator,
        left,
        right,
        span,
      }),
    ),
);
/** After offset, arithmetic stands in parentheses. */
const offset = duration.map(
  (operand): DurationExpr =>
    operand.kind === "durationBinary" && operand.operator !== "min_of" && operand.operator !== "max_of"
      ? { kind: "durationParen", operand, span }
      : operand,
);
const modifiers = fc.record({
  offset: fc.option(offset),
  at: fc.option(
    fc.oneof(
      fc.constantFrom({ kind: "start" } as const, { kind: "end" } as const),
      fc.integer({ min: -1e12, max: 2e12 }).map((timeMs) => ({ kind: "time", timeMs }) as const),
    ),
  ),
});
const selector = fc
  .record({
    name: fc.constantFrom("up", "http_requests_total", "sum", "node:cpu:rate5m"),
    matchers: fc.array(matcher, { maxLength: 3 }),
    modifiers,
    extension: fc.constantFrom<"anchored" | "smoothed" | null>(null, "anchored", "smoothed"),
  })
  .map(({ name, matchers, modifiers, extension }) => ({
    kind: "vectorSelector" as const,
    name,
    // Printing sorts the matchers, and the name comes last.
    matchers: [
      ...matchers.toSorted((left, right) => compareStrings(printed(left), printed(right))),
      makeMatcher("__name__", "=", name),
    ],
    ...modifiers,
    extension,
    span,
  }));

function printed(one: ReturnType<typeof makeMatcher>): string {
  const bare = { name: "", matchers: [one], offset: null, at: null, extension: null, span };
  return printExpr({ kind: "vectorSelector", ...bare });
}

const { vector } = fc.letrec<{ vector: Expr; scalar: Expr; matrix: Expr }>((tie) => ({
  scalar: fc.oneof(
    { depthSize: "small" },
    fc.double({ min: 0, noNaN: true }).map((value): Expr => ({ kind: "number", value, isDuration: false, span })),
    fc.constant<Expr>({ kind: "call", function: "time", args: [], span }),
    tie("vector").map((argument): Expr => ({ kind: "call", function: "scalar", args: [argument], span })),
  ),
  matrix: fc.oneof(
    { depthSize: "small" },
    fc.record({ selector, range: duration }).map((parts): Expr => ({ kind: "matrixSelector", ...parts, span })),
    fc.record({ operand: tie("vector"), range: duration, step: fc.option(duration), modifiers }).map(
      ({ operand, modifiers, ...parts }): Expr => ({
        kind: "subquery",
        operand: { kind: "paren", operand, span },
        ...parts,
        ...modifiers,
        span,
      }),
    ),
  ),
  vector: fc.oneof(
    { depthSize: "small" },
    selector,
    tie("matrix").map((argument): Expr => ({ kind: "call", function: "rate", args: [argument], span })),
    tie("vector").map(
      (operand): Expr => ({ kind: "unary", operator: "-", operand: { kind: "paren", operand, span }, span }),
    ),
    fc
      .record({
        operator: fc.constantFrom<AggregationOperator>("sum", "topk", "quantile", "limitk"),
        operand: tie("vector"),
        parameter: tie("scalar"),
        without: fc.boolean(),
        grouping: fc.array(labelName, { maxLength: 2 }),
      })
      .map(
        ({ parameter, ...parts }): Expr => ({
          kind: "aggregate",
          ...parts,
          parameter: parts.operator === "sum" ? null : parameter,
          span,
        }),
      ),
    fc
      .record({
        operator: fc.constantFrom<BinaryOperator>("+", "^", "atan2", "==", "<", "and", "or", "</"),
        left: tie("vector"),
        right: tie("vector"),
        bool: fc.boolean(),
        on: fc.boolean(),
        labels: fc.array(labelName, { maxLength: 2 }),
        group: fc.boolean(),
        fillLeft: fc.option(fc.double()),
      })
      .map(binary),
  ),
}));

interface BinaryParts {
  operator: BinaryOperator;
  left: Expr;
  right: Expr;
  bool: boolean;
  on: boolean;
  labels: string[];
  group: boolean;
  fillLeft: number | null;
}

function binary({ operator, left, right, bool, group, ...matching }: BinaryParts): Expr {
  const isSet = operator === "and" || operator === "or";
  return {
    kind: "binary",
    operator,
    left: { kind: "paren", operand: left, span },
    right: { kind: "paren", operand: right, span },
    returnsBool: bool && (operator === "==" || operator === "<"),
    matching: {
      ...matching,
      cardinality: isSet ? "many-to-many" : group ? "many-to-one" : "one-to-one",
      include: group && !isSet ? ["extra"] : [],
      fillLeft: isSet ? null : matching.fillLeft,
      fillRight: null,
    },
    operatorSpan: span,
    span,
  };
}

/** Spans aside, and with patterns of matchers as their text. */
function shapeOf(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === "span" || key === "operatorSpan") return undefined;
      return typeof value === "number" && !Number.isSafeInteger(value) ? String(value) : value;
    }),
  );
}

test("what is printed reads back as the same tree", () =>
  fc.assert(
    fc.property(vector, (expr) => {
      expect(shapeOf(parseExpr(printExpr(expr), features))).toEqual(shapeOf(expr));
    }),
    { numRuns: 500 },
  ));

test("what is printed is well-formed for the grammar of Prometheus' own editor", () =>
  fc.assert(
    fc.property(vector, (expr) => {
      const query = printExpr(expr);
      grammar
        .parse(query)
        .iterate({ enter: (node) => expect(node.type.isError, `${query} at ${node.from}`).toBe(false) });
    }),
    { numRuns: 200 },
  ));
