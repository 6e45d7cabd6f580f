/** Go's eq, ne, lt, le, gt, ge. Only values of one kind compare; a whole number and a float do not. */
import { compareStrings } from "@tatou/model";
import { sprint } from "../format/printer.ts";
import { type FunctionTable, type GoValue, goFunction, typeNameOf } from "../values/go-value.ts";

export const comparisonFunctions: FunctionTable = new Map([
  ["eq", goFunction(["any", "...any"], ([first, ...others]) => isEqualToAny(first, others))],
  ["ne", goFunction(["any", "any"], ([left, right]) => !isEqualToAny(left, [right]))],
  ["lt", goFunction(["any", "any"], ([left, right]) => isLess(left, right))],
  ["le", goFunction(["any", "any"], ([left, right]) => isLess(left, right) || isEqualToAny(left, [right]))],
  ["gt", goFunction(["any", "any"], ([left, right]) => !(isLess(left, right) || isEqualToAny(left, [right])))],
  ["ge", goFunction(["any", "any"], ([left, right]) => !isLess(left, right))],
]);

const errorTextLengthMax = 100_000;

type Basic = boolean | bigint | number | string;

/** The simple form of a value that has one: a duration counts as a whole number. */
function basicOf(value: GoValue): Basic | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return value;
  if (value.kind === "duration") return BigInt(Math.round(value.durationMs * 1e6));
  return value.kind === "html" ? value.text : null;
}

function isEqualToAny(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new Error("missing argument for comparison");
  return others.some((other) => isEqual(first, other));
}

function isEqual(left: GoValue, right: GoValue): boolean {
  const isLeftNil = left === null || left === undefined;
  const isRightNil = right === null || right === undefined;
  if (isLeftNil || isRightNil) return isLeftNil && isRightNil;
  const basicLeft = basicOf(left);
  const basicRight = basicOf(right);
  if (typeof basicLeft !== typeof basicRight) throw incompatible(left, right);
  if (basicLeft !== null) return basicLeft === basicRight;
  if (isTime(left) && isTime(right)) return left.timeMs === right.timeMs;
  throw new Error(`non-comparable type ${sprint([left], errorTextLengthMax)}: ${typeNameOf(right)}`);
}

function isTime(value: GoValue): value is Extract<GoValue, { readonly kind: "time" }> {
  return typeof value === "object" && value !== null && value.kind === "time";
}

function isLess(left: GoValue, right: GoValue): boolean {
  const basicLeft = basicOf(left);
  const basicRight = basicOf(right);
  if (basicLeft === null || basicRight === null) throw invalidType();
  if (typeof basicLeft !== typeof basicRight) throw incompatible(left, right);
  if (typeof basicLeft === "boolean") throw invalidType();
  if (typeof basicLeft === "string") return compareStrings(basicLeft, basicRight as string) < 0;
  return basicLeft < (basicRight as typeof basicLeft);
}

function invalidType(): Error {
  return new Error("invalid type for comparison");
}

function incompatible(left: GoValue, right: GoValue): Error {
  return new Error(`incompatible types for comparison: ${typeNameOf(left)} and ${typeNameOf(right)}`);
}
