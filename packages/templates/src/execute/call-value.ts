import { type FunctionRun, type GoValue, typeNameOf } from "../values/go-value.ts";
import { canBeNil, isAssignable } from "./go-type.ts";

/** The type of the parameter at an index; behind the last one of a variadic function it repeats. */
export function parameterType(parameters: readonly string[], index: number): string {
  const last = parameters.at(-1) ?? "any";
  return index < parameters.length - 1 || !last.startsWith("...") ? (parameters[index] ?? "any") : last.slice(3);
}

/**
 * Go's `call`: calls the first value with the others.
 * @throws {Error} it is no function, or does not take these arguments
 */
export function callValue(
  [callee, ...args]: readonly GoValue[],
  calleeName: string,
  run: FunctionRun,
): GoValue | Promise<GoValue> {
  if (callee === null || callee === undefined) throw new Error("call of nil");
  if (typeof callee !== "object" || callee.kind !== "function")
    throw new Error(`non-function ${calleeName} of type ${typeNameOf(callee)}`);
  const { parameters } = callee;
  const isVariadic = parameters.at(-1)?.startsWith("...") === true;
  const fixedCount = parameters.length - (isVariadic ? 1 : 0);
  if (isVariadic ? args.length < fixedCount : args.length !== fixedCount) {
    const wanted = `${isVariadic ? "at least " : ""}${fixedCount}`;
    throw new Error(`wrong number of args for ${calleeName}: got ${args.length} want ${wanted}`);
  }
  for (const [index, arg] of args.entries()) checkArgument(arg, index, parameterType(parameters, index));
  return callee.call(args, run);
}

function checkArgument(arg: GoValue, index: number, typeName: string): void {
  const isNil = arg === null || arg === undefined;
  if (isNil && !canBeNil(typeName)) throw new Error(`arg ${index}: value is nil; should be of type ${typeName}`);
  if (!isNil && !isAssignable(arg, typeName))
    throw new Error(`arg ${index}: value has type ${typeNameOf(arg)}; should be ${typeName}`);
}
