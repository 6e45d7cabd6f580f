import { metricNameLabel } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { QuerySyntaxError } from "../errors.ts";
import { parseExpr, parseMatchers } from "./parse-expr.ts";
import { printExpr } from "./print-expr.ts";
import { selectorsOf } from "./walk.ts";

const allFeatures = {
  experimentalFunctions: true,
  durationExpr: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

describe("expressions", () => {
  test.each([
    { query: "up", printed: "up" },
    { query: "UP{Job='a',}", printed: 'UP{Job="a"}' },
    { query: 'up{job=~"a.*",b!="c",d!~"e"}', printed: 'up{b!="c",d!~"e",job=~"a.*"}' },
    { query: '{"my.metric", "a b"="x"}', printed: '{"a b"="x",__name__="my.metric"}' },
    { query: "sum(up)by(job)", printed: "sum by (job) (up)" },
    { query: 'SUM without (instance, "my.label",) (up)', printed: 'sum without (instance, "my.label") (up)' },
    { query: "sum by () (up)", printed: "sum(up)" },
    { query: "topk(5, up)", printed: "topk(5, up)" },
    { query: 'count_values("version", build)', printed: 'count_values("version", build)' },
    { query: "sum + avg{a='b'} / count", printed: 'sum + avg{a="b"} / count' },
    { query: "-2^2", printed: "-2 ^ 2" },
    { query: "2 ^ -1 ^ 3", printed: "2 ^ -1 ^ 3" },
    { query: "a-b-c^d^e*f atan2 g", printed: "a - b - c ^ d ^ e * f atan2 g" },
    { query: "a or b and c unless d == e", printed: "a or b and c unless d == e" },
    { query: "a + on(x, and) group_left(y) b", printed: "a + on (x, and) group_left (y) b" },
    { query: "a * ignoring(x) group_right b", printed: "a * ignoring (x) group_right () b" },
    { query: "a > bool on() b", printed: "a > bool on () b" },
    { query: "1 + on() a", printed: "1 + a" },
    {
      query: "rate(http_requests_total[5m] offset -1h @ 1.5)",
      printed: "rate(http_requests_total[5m] @ 1.500 offset -1h)",
    },
    { query: "up @ start() offset 1h30m", printed: "up @ start() offset 1h30m" },
    { query: "max_over_time(rate(x[1m])[1h:30s] @ end())", printed: "max_over_time(rate(x[1m])[1h:30s] @ end())" },
    { query: "(x)[1d:]", printed: "(x)[1d:]" },
    { query: "x[90]", printed: "x[1m30s]" },
    { query: "5m * 0x1F + 0755 + 1_000 + .5e-3 + Inf - NaN", printed: "5m * 31 + 493 + 1000 + 0.0005 + +Inf - NaN" },
    { query: "time() # the rest is a comment\n + 1", printed: "time() + 1" },
    { query: 'label_replace(up, "a", "$1", "b", "(.*)")', printed: 'label_replace(up, "a", "$1", "b", "(.*)")' },
    { query: String.raw`"\x41\u00e9\U0001f600\101\xff\n" `, printed: String.raw`"Aé😀A\xff\n"` },
    { query: "a </ b", printed: "a </ b" },
    { query: "x offset 100 + 2", printed: "x offset 1m40s + 2" },
    { query: "fill + step - range * start", printed: "fill + step - range * start" },
  ])("reads $query", ({ query, printed }) => {
    expect(printExpr(parseExpr(query))).toBe(printed);
  });

  test.each([
    { query: "x[5m * 2]", printed: "x[5m * 2]" },
    { query: "x[step() + (range() / 2):-step() + 1h]", printed: "x[step() + (range() / 2):-step() + 1h]" },
    { query: "x offset -min_of(5m, max_of(step(), 2) ^ 2)", printed: "x offset -min_of(5m, max_of(step(), 2) ^ 2)" },
    { query: "x offset (100 + 2)", printed: "x offset (100 + 2)" },
    { query: "a + fill(1) b", printed: "a + fill (1) b" },
    { query: "a + on(x) fill_right(-Inf) fill_left(2) b", printed: "a + on (x) fill_left (2) fill_right (-Inf) b" },
    { query: "rate(x[5m] smoothed offset 1m)", printed: "rate(x[5m] smoothed offset 1m)" },
    { query: "x anchored", printed: "x anchored" },
    { query: "limitk(2, x) + limit_ratio(-0.5, x)", printed: "limitk(2, x) + limit_ratio(-0.5, x)" },
    { query: "min_of(start(), end()) + step()", printed: "min_of(start(), end()) + step()" },
    { query: 'info(x, {a="b"})', printed: 'info(x, {a="b"})' },
  ])("reads $query with its feature on, and refuses it with the feature off", ({ query, printed }) => {
    expect(printExpr(parseExpr(query, allFeatures))).toBe(printed);
    expect(() => parseExpr(query)).toThrow(QuerySyntaxError);
  });
});

describe("errors have Prometheus' words and place", () => {
  test.each([
    ["", "unknown position: parse error: no expression found in input"],
    [" # nothing", "1:1: parse error: no expression found in input"],
    ["1+", "1:3: parse error: unexpected end of input"],
    ["(1", "1:3: parse error: unclosed left parenthesis"],
    ["1)", "1:3: parse error: unexpected right parenthesis ')'"],
    ["foo bar", '1:5: parse error: unexpected identifier "bar"'],
    ["foo and\n\n bar baz", '3:6: parse error: unexpected identifier "baz"'],
    ['"é" )', "1:7: parse error: unexpected right parenthesis ')'"],
    ["sum(foo bar)", '1:9: parse error: unexpected identifier "bar" in aggregation'],
    ["sum some_metric by (test)", '1:5: parse error: unexpected identifier "some_metric"'],
    ["sum by test (foo)", '1:8: parse error: unexpected identifier "test" in grouping opts, expected "("'],
    ["sum by (1) (foo)", '1:9: parse error: unexpected number "1" in grouping opts, expected label'],
    ["sum by (a b) (foo)", '1:11: parse error: unexpected identifier "b" in grouping opts, expected "," or ")"'],
    ["sum(foo,)", "1:8: parse error: trailing commas not allowed in function call args"],
    ["topk(foo)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"],
    [
      "limitk(1, foo)",
      "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
    ],
    ["first_over_time(foo[1m])", '1:1: parse error: function "first_over_time" is not enabled'],
    ["unknown(foo)", '1:1: parse error: unknown function with name "unknown"'],
    ["floor()", '1:1: parse error: expected 1 argument(s) in call to "floor", got 0'],
    ['label_join(foo, "a")', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 2'],
    ["hour(a, b)", '1:1: parse error: expected at most 1 argument(s) in call to "hour", got 2'],
    ["rate(foo)", '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ["sum(rate(foo))", '1:10: parse error: expected type range vector in call to function "rate", got instant vector'],
    ["sum(foo[5m])", "1:5: parse error: expected type instant vector in aggregation expression, got range vector"],
    [
      "-foo[5m]",
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
    ],
    ["foo + bar[5m]", "1:7: parse error: binary expression must contain only scalar and instant vector types"],
    ["1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"],
    ["foo + bool bar", "1:5: parse error: bool modifier can only be used on comparison operators"],
    ["1 and foo", '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ["foo + on(a) 1", "1:1: parse error: vector matching only allowed between instant vectors"],
    ["foo and on(a) group_left bar", '1:1: parse error: no grouping allowed for "and" operation'],
    ["foo + on(a) group_left(a) bar", '1:5: parse error: label "a" must not occur in ON and GROUP clause at once'],
    ["foo{a=b}", '1:7: parse error: unexpected identifier "b" in label matching, expected string'],
    ["foo{a}", '1:6: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['foo{a="b" c="d"}', '1:11: parse error: unexpected identifier "c" in label matching, expected "," or "}"'],
    ["foo{,}", '1:5: parse error: unexpected "," in label matching, expected identifier or "}"'],
    ["foo{1}", "1:5: parse error: unexpected character inside braces: '1'"],
    ['foo{a=~"["}', "1:5: parse error: error parsing regexp: missing closing ]: `[`"],
    ['foo{__name__="bar"}', '1:1: parse error: metric name must not be set twice: "foo" or "bar"'],
    ["foo[5m", "1:7: parse error: unclosed left bracket"],
    [
      "foo[]",
      '1:5: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    ],
    ["foo[5m 1m]", '1:8: parse error: unexpected duration "1m" in subquery or range, expected ":" or "]"'],
    ["foo[5m:1m:1m]", "1:10: parse error: unexpected colon ':'"],
    ["foo[0]", "1:5: parse error: duration must be greater than 0"],
    ["foo[5hs]", '1:5: parse error: not a valid duration string: "5hs"'],
    ["foo[2*5m]", "1:5: parse error: experimental duration expression is not enabled"],
    ["(foo)[5m]", "1:6: parse error: ranges only allowed for vector selectors"],
    ["foo offset 5m[5m]", "1:14: parse error: no offset modifiers allowed before range"],
    [
      "foo offset",
      "1:11: parse error: unexpected end of input in offset, expected number, duration, step(), or range()",
    ],
    ["foo offset 1m offset 1m", "1:1: parse error: offset may not be set multiple times"],
    [
      "1 offset 5m",
      "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    ],
    ["foo @ x", '1:7: parse error: unexpected identifier "x" in @, expected timestamp'],
    ["foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"],
    ["foo @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"],
    ["foo anchored", "1:1: parse error: anchored modifier is experimental and not enabled"],
    ["a + fill(0) b", "1:1: parse error: binop fill modifiers are experimental and not enabled"],
    ['"a', "1:1: parse error: unterminated quoted string"],
    [String.raw`"\q"`, "1:1: parse error: unknown escape sequence U+0071 'q'"],
    [String.raw`"\ud800"`, "1:1: parse error: escape sequence is an invalid Unicode code point"],
    ["1..2", '1:1: parse error: bad number or duration syntax: "1.."'],
    ["foo =~ bar", "1:5: parse error: unexpected character after '=': '~'"],
    ["foo ! bar", "1:5: parse error: unexpected character after '!': ' '"],
    ["$", "1:1: parse error: unexpected character: '$'"],
    [
      "foo[5m] and (sum by (a) (b))",
      "1:1: parse error: binary expression must contain only scalar and instant vector types",
    ],
    ['{__name__=""}', "1:1: parse error: vector selector must contain at least one non-empty matcher"],
    ["x[90][1d:]", "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"],
  ])("%s", (query, message) => {
    const problem = problemOf(query);
    expect(problem.message).toBe(message);
    expect(problem.span.start).toBeLessThanOrEqual(query.length);
    expect(problem.hint).not.toBe("");
  });
});

function problemOf(query: string): QuerySyntaxError {
  try {
    parseExpr(query);
  } catch (error) {
    if (error instanceof QuerySyntaxError) return error;
    throw error;
  }
  throw new Error(`${query} is well-formed`);
}

describe("spans", () => {
  test("count UTF-16 units, lines and bytes", () => {
    const query = 'a{x="é😀"}\n + sum(bb) by (x)';
    const expr = parseExpr(query);
    const sum = expr.kind === "binary" ? expr.right : expr;
    expect(query.slice(sum.span.start, sum.span.end)).toBe("sum(bb) by (x)");
    expect(sum.span).toMatchObject({ line: 2, column: 4 });
    expect(expr.span).toMatchObject({ start: 0, end: query.length, line: 1, column: 1 });
  });
});

describe("limits", () => {
  test.each([
    { name: "parentheses", query: "(".repeat(100_000) },
    { name: "signs", query: `${"-".repeat(100_000)}1` },
    { name: "powers", query: `1${"^1".repeat(100_000)}` },
    { name: "sums", query: `1${"+1".repeat(100_000)}` },
    { name: "subqueries", query: `a${"[5m:]".repeat(50_000)}` },
    { name: "calls", query: "abs(".repeat(100_000) },
    { name: "durations", query: `a[${"(".repeat(100_000)}` },
    { name: "offset signs", query: `a offset ${"-".repeat(100_000)}1` },
    { name: "characters", query: "a".repeat(1_000_001) },
  ])(
    "refuses 100,000 $name at once",
    ({ query }) => {
      expect(() => parseExpr(query, allFeatures)).toThrow(QuerySyntaxError);
    },
    2000,
  );

  test("reads a query of 1,000 alternatives", () => {
    expect(parseExpr(Array.from({ length: 1000 }, (_, index) => `m${index}`).join(" or ")).kind).toBe("binary");
  });
});

test("match[] parameters are selectors and nothing else", () => {
  const matchers = parseMatchers('up{job="api"}');
  expect(matchers.map(({ label }) => label)).toEqual(["job", metricNameLabel]);
  expect(parseMatchers("{}")).toEqual([]);
  expect(() => parseMatchers("up + up")).toThrow("1:4: parse error: unexpected <op:+>");
  expect(() => parseMatchers("rate(up[1m])")).toThrow('1:5: parse error: unexpected "("');
});

test("selectors are found everywhere in an expression", () => {
  const expr = parseExpr("topk(scalar(k), a) / on(x) (max_over_time(b[1m]) or min_over_time(rate(c[1m])[1h:]))");
  expect(selectorsOf(expr).map(({ name }) => name)).toEqual(["k", "a", "b", "c"]);
});
