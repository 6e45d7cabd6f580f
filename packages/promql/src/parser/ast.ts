import type { Matcher, Span } from "@tatou/model";

/** A span that also knows where it starts for people: Prometheus counts lines from 1 and columns in bytes from 1. */
export interface SourceSpan extends Span {
  readonly line: number;
  readonly column: number;
}

/**
 * The typed tree of a PromQL expression. Every node carries the span of its text in UTF-16 units; nodes are told apart by
 * `kind` and never change after parsing.
 */
export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | UnaryExpr
  | BinaryExpr
  | AggregateExpr
  | CallExpr
  | ParenExpr;

/** What an expression evaluates to; "matrix" is called "range vector" in messages. */
export type ValueType = "scalar" | "vector" | "matrix" | "string";

export interface NumberLiteral {
  readonly kind: "number";
  readonly value: number;
  /** Written as a duration ("5m" is the number 300); printed that way again. */
  readonly isDuration: boolean;
  readonly span: SourceSpan;
}

export interface StringLiteral {
  readonly kind: "string";
  readonly value: string;
  readonly span: SourceSpan;
}

export interface VectorSelector {
  readonly kind: "vectorSelector";
  /** The metric name before or in the braces; "" when there is none. It is also among the matchers. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly offset: DurationExpr | null;
  readonly at: AtModifier | null;
  /** How the ends of a range, or the missing sample at an instant, are filled in. */
  readonly extension: SelectorExtension | null;
  readonly span: SourceSpan;
}

export type SelectorExtension = "anchored" | "smoothed";

/** The selector's own offset and @ apply to the whole range. */
export interface MatrixSelector {
  readonly kind: "matrixSelector";
  readonly selector: VectorSelector;
  readonly range: DurationExpr;
  readonly span: SourceSpan;
}

export interface Subquery {
  readonly kind: "subquery";
  readonly operand: Expr;
  readonly range: DurationExpr;
  /** null: the default evaluation interval. */
  readonly step: DurationExpr | null;
  readonly offset: DurationExpr | null;
  readonly at: AtModifier | null;
  readonly span: SourceSpan;
}

/** `@ 1609746000`, `@ start()`, `@ end()`. */
export type AtModifier =
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

export interface UnaryExpr {
  readonly kind: "unary";
  readonly operator: "+" | "-";
  readonly operand: Expr;
  readonly span: SourceSpan;
}

export interface BinaryExpr {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  /** Whether a comparison gives 0 or 1 instead of filtering. */
  readonly returnsBool: boolean;
  /** null unless both sides are instant vectors. */
  readonly matching: VectorMatching | null;
  readonly operatorSpan: SourceSpan;
  readonly span: SourceSpan;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type SetOperator = "and" | "or" | "unless";
/** Cut native histograms at an upper or a lower bound. */
export type TrimOperator = "</" | ">/";
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator;

export interface VectorMatching {
  readonly cardinality: "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";
  /** Match on exactly these labels; otherwise on all but these. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Labels of the "one" side that group_left or group_right copies. */
  readonly include: readonly string[];
  /** Stand-ins for samples missing on a side; null where none are filled in. */
  readonly fillLeft: number | null;
  readonly fillRight: number | null;
}

export type AggregationOperator =
  | "avg"
  | "bottomk"
  | "count"
  | "count_values"
  | "group"
  | "limit_ratio"
  | "limitk"
  | "max"
  | "min"
  | "quantile"
  | "stddev"
  | "stdvar"
  | "sum"
  | "topk";

export interface AggregateExpr {
  readonly kind: "aggregate";
  readonly operator: AggregationOperator;
  readonly operand: Expr;
  /** The k of topk, the label of count_values, ...; null for operators without one. */
  readonly parameter: Expr | null;
  /** The labels are those left out instead of those kept. */
  readonly without: boolean;
  readonly grouping: readonly string[];
  readonly span: SourceSpan;
}

export interface CallExpr {
  readonly kind: "call";
  /** A name from the function table. */
  readonly function: string;
  readonly args: readonly Expr[];
  readonly span: SourceSpan;
}

export interface ParenExpr {
  readonly kind: "paren";
  readonly operand: Expr;
  readonly span: SourceSpan;
}

/** A range, offset or step: usually a plain duration; with duration expressions enabled, arithmetic over durations. */
export type DurationExpr =
  | { readonly kind: "duration"; readonly durationMs: number; readonly span: SourceSpan }
  /** A factor, or a count of seconds, inside arithmetic. */
  | { readonly kind: "durationNumber"; readonly value: number; readonly span: SourceSpan }
  | { readonly kind: "step" | "range"; readonly span: SourceSpan }
  | { readonly kind: "durationParen"; readonly operand: DurationExpr; readonly span: SourceSpan }
  | {
      readonly kind: "durationUnary";
      readonly operator: "+" | "-";
      readonly operand: DurationExpr;
      readonly span: SourceSpan;
    }
  | {
      readonly kind: "durationBinary";
      readonly operator: "+" | "-" | "*" | "/" | "%" | "^" | "min_of" | "max_of";
      readonly left: DurationExpr;
      readonly right: DurationExpr;
      readonly span: SourceSpan;
    };
