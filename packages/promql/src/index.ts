export {
  QueryCanceledError,
  QueryExecutionError,
  QueryLimitError,
  QueryNotSupportedError,
  QuerySyntaxError,
  QueryTimeoutError,
  QueryTypeError,
} from "./errors.ts";
export { evaluateInstant, evaluateRange } from "./eval/evaluate.ts";
export type {
  EvaluationContext,
  EvaluationRange,
  MatrixSeries,
  QueryResult,
  QueryValue,
  SampleCounts,
  VectorElement,
} from "./eval/query-result.ts";
export type {
  AggregateExpr,
  AggregationOperator,
  AtModifier,
  BinaryExpr,
  BinaryOperator,
  CallExpr,
  DurationExpr,
  Expr,
  MatrixSelector,
  NumberLiteral,
  ParenExpr,
  StringLiteral,
  Subquery,
  UnaryExpr,
  ValueType,
  VectorMatching,
  VectorSelector,
} from "./parser/ast.ts";
export type { FeatureOptions } from "./parser/features.ts";
export { parseExpr, parseMatchers } from "./parser/parse-expr.ts";
export { parseMetric } from "./parser/parse-metric.ts";
export { printExpr } from "./parser/print-expr.ts";
export { childrenOf, selectorsOf } from "./parser/walk.ts";
export {
  runScript,
  type ScriptFinding,
  type ScriptOptions,
  type ScriptReport,
  type ScriptStore,
} from "./script/run-script.ts";
export { ScriptSyntaxError } from "./script/script-syntax-error.ts";
export { parseSequence, parseSeriesLine, type SequenceValue, type SeriesLine } from "./script/series-notation.ts";
