import { quote } from "./labels.ts";
import { type AnchoredRegex, compileAnchoredRegex } from "./regex.ts";

/** One condition on one label. A label that is not there has the value "". */
export type Matcher =
  | { readonly kind: "equal" | "notEqual"; readonly label: string; readonly value: string }
  | { readonly kind: "matches" | "notMatches"; readonly label: string; readonly pattern: AnchoredRegex };

export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** @throws {RegexSyntaxError} the operator is =~ or !~ and the value no RE2 expression */
export function makeMatcher(label: string, operator: MatchOperator, value: string): Matcher {
  switch (operator) {
    case "=":
      return { kind: "equal", label, value };
    case "!=":
      return { kind: "notEqual", label, value };
    case "=~":
      return { kind: "matches", label, pattern: compileAnchoredRegex(value) };
    case "!~":
      return { kind: "notMatches", label, pattern: compileAnchoredRegex(value) };
  }
}

export function accepts(matcher: Matcher, value: string): boolean {
  switch (matcher.kind) {
    case "equal":
      return value === matcher.value;
    case "notEqual":
      return value !== matcher.value;
    case "matches":
      return matcher.pattern.test(value);
    case "notMatches":
      return !matcher.pattern.test(value);
  }
}

export function matcherOperator(matcher: Matcher): MatchOperator {
  switch (matcher.kind) {
    case "equal":
      return "=";
    case "notEqual":
      return "!=";
    case "matches":
      return "=~";
    case "notMatches":
      return "!~";
  }
}

/** The text on the right side of the operator, unquoted. */
export function matcherValue(matcher: Matcher): string {
  return "pattern" in matcher ? matcher.pattern.source : matcher.value;
}

export function formatMatcher(matcher: Matcher): string {
  return `${matcher.label}${matcherOperator(matcher)}${quote(matcherValue(matcher))}`;
}
