import type { AtModifier, DurationExpr, Expr, SelectorExtension, SourceSpan, Subquery } from "./ast.ts";
import { durationSeconds, parseNumber } from "./literals.ts";
import { parseOffsetDuration, parseRangeDuration } from "./parse-duration.ts";
import type { TokenStream } from "./token-stream.ts";

export function startsPostfix(stream: TokenStream): boolean {
  switch (stream.kind()) {
    case "[":
    case "@":
    case "offset":
    case "anchored":
    case "smoothed":
      return true;
    default:
      return false;
  }
}

/** Applies one of [range], [range:step], @, offset, anchored and smoothed to what stands before it. */
export function parsePostfix(stream: TokenStream, expr: Expr): Expr {
  switch (stream.kind()) {
    case "[":
      return parseBrackets(stream, expr);
    case "@":
      return parseAt(stream, expr);
    case "offset":
      return parseOffset(stream, expr);
    default:
      return parseExtension(stream, expr);
  }
}

const anyDuration = "number, duration, step(), or range()";
const rangeHint = "Write a range such as [5m], or [1h:1m] for a subquery";

function parseBrackets(stream: TokenStream, expr: Expr): Expr {
  const open = stream.take();
  stream.beginContext({ name: "subquery or range selector", expected: anyDuration, hint: rangeHint });
  const range = parseRangeDuration(stream);
  stream.endContext();
  stream.beginContext({ name: "subquery or range", expected: '":" or "]"', hint: rangeHint });
  if (stream.kind() === ":") {
    stream.endContext();
    return parseSubquery(stream, expr, range);
  }
  stream.expect("]");
  stream.endContext();
  return finishRange(stream, { expr, range, brackets: stream.spanFrom(open.span) });
}

interface RangeParts {
  readonly expr: Expr;
  readonly range: DurationExpr;
  readonly brackets: SourceSpan;
}

function finishRange(stream: TokenStream, { expr, range, brackets }: RangeParts): Expr {
  const hint =
    "Put the range right behind a selector, then offset and @; over other expressions use a subquery such as [1h:1m]";
  if (expr.kind !== "vectorSelector") return stream.fail("ranges only allowed for vector selectors", brackets, hint);
  if (expr.offset !== null) stream.fail("no offset modifiers allowed before range", brackets, hint);
  if (expr.at !== null) stream.fail("no @ modifiers allowed before range", brackets, hint);
  return { kind: "matrixSelector", selector: expr, range, span: stream.spanFrom(expr.span) };
}

function parseSubquery(stream: TokenStream, operand: Expr, range: DurationExpr): Subquery {
  stream.take();
  let step: DurationExpr | null = null;
  if (stream.kind() !== "]") {
    stream.beginContext({
      name: "subquery selector",
      expected: `number, duration, step(), range(), or "]"`,
      hint: rangeHint,
    });
    step = parseRangeDuration(stream);
    stream.endContext();
    stream.beginContext({ name: "subquery selector", expected: '"]"', hint: rangeHint });
  }
  stream.expect("]");
  if (step !== null) stream.endContext();
  return { kind: "subquery", operand, range, step, offset: null, at: null, span: stream.spanFrom(operand.span) };
}

function parseOffset(stream: TokenStream, expr: Expr): Expr {
  stream.take();
  stream.beginContext({
    name: "offset",
    expected: anyDuration,
    hint: "Write a duration, as in offset 5m or offset -1h",
  });
  const offset = parseOffsetDuration(stream);
  stream.endContext();
  const target = modifiedSelector(expr);
  if (target === null)
    return stream.fail(
      "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
      expr.span,
      "Put offset right behind a selector or its range",
    );
  // An offset of zero does not count, as in Prometheus.
  if (target.offset !== null && !(target.offset.kind === "duration" && target.offset.durationMs === 0))
    stream.fail("offset may not be set multiple times", expr.span, "Keep one offset");
  return withModifier(stream, expr, { offset });
}

function parseAt(stream: TokenStream, expr: Expr): Expr {
  stream.take();
  stream.beginContext({
    name: "@",
    expected: "timestamp",
    hint: "Write a Unix time in seconds, start() or end()",
  });
  const at = parseAtModifier(stream, expr);
  stream.endContext();
  const target = modifiedSelector(expr);
  if (target === null)
    return stream.fail(
      "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
      expr.span,
      "Put @ right behind a selector or its range",
    );
  if (target.at !== null) stream.fail("@ <timestamp> may not be set multiple times", expr.span, "Keep one @");
  return withModifier(stream, expr, { at });
}

function parseAtModifier(stream: TokenStream, expr: Expr): AtModifier {
  const kind = stream.kind();
  if (kind === "start" || kind === "end") {
    stream.take();
    stream.expect("(");
    stream.expect(")");
    return { kind };
  }
  const isNegative = kind === "-";
  if (isNegative || kind === "+") stream.take();
  if (stream.kind() !== "number" && stream.kind() !== "duration") stream.unexpected();
  const token = stream.take();
  const unsigned = token.kind === "duration" ? durationSeconds(stream, token) : parseNumber(stream, token);
  const seconds = isNegative ? -unsigned : unsigned;
  if (!(Math.abs(seconds) < 2 ** 63))
    stream.fail(
      `timestamp out of bounds for @ modifier: ${formatLargeFloat(seconds)}`,
      expr.span,
      "Write a Unix time in seconds",
    );
  return { kind: "time", timeMs: roundHalfAway(seconds * 1000) };
}

/** Go's %f of numbers beyond 2^63. */
function formatLargeFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return `${BigInt(value)}.000000`;
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function parseExtension(stream: TokenStream, expr: Expr): Expr {
  const extension = stream.take().kind as SelectorExtension;
  const fail = (problem: string): never =>
    stream.fail(`${extension} modifier ${problem}`, expr.span, `Put ${extension} right behind a selector or its range`);
  if (stream.features.extendedRangeSelectors !== true) fail("is experimental and not enabled");
  if (expr.kind === "subquery") return fail("is not supported for subqueries");
  if (expr.kind !== "vectorSelector" && expr.kind !== "matrixSelector") return fail("not implemented");
  const selector = expr.kind === "vectorSelector" ? expr : expr.selector;
  if (selector.extension !== null && selector.extension !== extension)
    stream.fail("anchored and smoothed modifiers cannot be used together", expr.span, "Keep one of them");
  return withModifier(stream, expr, { extension });
}

/** The node that carries offset and @ of an expression: a selector, the selector of a range, or a subquery. */
function modifiedSelector(expr: Expr): { readonly offset: DurationExpr | null; readonly at: AtModifier | null } | null {
  switch (expr.kind) {
    case "vectorSelector":
    case "subquery":
      return expr;
    case "matrixSelector":
      return expr.selector;
    default:
      return null;
  }
}

interface Modifier {
  readonly offset?: DurationExpr;
  readonly at?: AtModifier;
  readonly extension?: SelectorExtension;
}

function withModifier(stream: TokenStream, expr: Expr, modifier: Modifier): Expr {
  const span = stream.spanFrom(expr.span);
  if (expr.kind === "matrixSelector") return { ...expr, selector: { ...expr.selector, ...modifier }, span };
  return { ...expr, ...modifier, span };
}
