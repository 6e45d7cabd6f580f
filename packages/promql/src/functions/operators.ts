import type { ArithmeticOperator, BinaryOperator, ComparisonOperator } from "../parser/ast.ts";

/** What an operator makes of two numbers: a number, or whether the comparison holds; null for operators on histograms. */
export function applyOperator(operator: BinaryOperator, left: number, right: number): number | boolean | null {
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^":
    case "atan2":
      return calculate(operator, left, right);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(operator, left, right);
    case "</":
    case ">/":
    case "and":
    case "or":
    case "unless":
      return null;
  }
}

function calculate(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return power(left, right);
    case "atan2":
      return Math.atan2(left, right);
  }
}

/** IEEE's pow, as in Go; JavaScript gives NaN for 1^NaN and (-1)^Inf. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

function compare(operator: ComparisonOperator, left: number, right: number): boolean {
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}
