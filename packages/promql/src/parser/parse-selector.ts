import { type Matcher, type MatchOperator, makeMatcher, metricNameLabel } from "@tatou/model";
import type { SourceSpan, VectorSelector } from "./ast.ts";
import { stringValue } from "./literals.ts";
import { reservedWords, type Token, type TokenKind } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

export function startsSelector(stream: TokenStream): boolean {
  return stream.kind() === "{" || isMetricNameToken(stream.kind());
}

/** Most keywords are also metric names; these are not. */
const neverMetricNames: ReadonlySet<TokenKind> = new Set([
  ...(["atan2", "bool", "group_left", "group_right", "ignoring", "number", "on"] as const),
]);

function isMetricNameToken(kind: TokenKind): boolean {
  if (kind === "identifier" || kind === "metricIdentifier") return true;
  return reservedWords.has(kind) && !neverMetricNames.has(kind);
}

/** Reads `name`, `name{...}` or `{...}`. */
export function parseSelector(stream: TokenStream): VectorSelector {
  const first = stream.token();
  const name = isMetricNameToken(first.kind) ? stream.take().text : "";
  const matchers = stream.kind() === "{" ? parseBraces(stream) : [];
  if (name !== "") matchers.push(makeMatcher(metricNameLabel, "=", name));
  return {
    kind: "vectorSelector",
    name,
    matchers,
    offset: null,
    at: null,
    extension: null,
    span: stream.spanFrom(first.span),
  };
}

function parseBraces(stream: TokenStream): Matcher[] {
  stream.expect("{");
  const matchers: Matcher[] = [];
  while (stream.kind() !== "}") {
    stream.beginContext({ ...labelMatching, expected: 'identifier or "}"' });
    matchers.push(parseMatcher(stream));
    stream.endContext();
    stream.beginContext({ ...labelMatching, expected: '"," or "}"' });
    if (stream.kind() !== "}") stream.expect(",");
    stream.endContext();
  }
  stream.take();
  return matchers;
}

const labelMatching = { name: "label matching", hint: 'Use one of = != =~ !~, as in job="api"' };

/** `label="value"`, `"any label"=~"pattern"`, or `"metric name"` alone. */
function parseMatcher(stream: TokenStream): Matcher {
  const label = stream.token();
  if (label.kind !== "identifier" && label.kind !== "string") stream.unexpected();
  stream.take();
  if (label.kind === "string" && !isMatchOperator(stream.kind())) {
    if (stream.kind() !== "," && stream.kind() !== "}") {
      stream.beginContext({ ...labelMatching, expected: '"," or "}"' });
      stream.unexpected();
    }
    return makeMatcher(metricNameLabel, "=", stringValue(label));
  }
  stream.beginContext({ ...labelMatching, expected: "label matching operator" });
  if (!isMatchOperator(stream.kind())) stream.unexpected();
  stream.endContext();
  const operator = stream.take().kind as MatchOperator;
  stream.beginContext({ ...labelMatching, expected: "string" });
  const value = stream.expect("string");
  stream.endContext();
  return buildMatcher(stream, label, operator, value);
}

function buildMatcher(stream: TokenStream, label: Token, operator: MatchOperator, value: Token): Matcher {
  const name = label.kind === "string" ? stringValue(label) : label.text;
  try {
    return makeMatcher(name, operator, stringValue(value));
  } catch (error) {
    const span: SourceSpan = { ...label.span, end: value.span.end };
    return stream.fail(
      (error as Error).message,
      span,
      "Expressions follow RE2; a literal special character needs \\\\ before it",
    );
  }
}

function isMatchOperator(kind: TokenKind): kind is MatchOperator {
  return kind === "=" || kind === "!=" || kind === "=~" || kind === "!~";
}
