/** The functions that every Go template has. `and`, `or` and `call` are the evaluator's, which must not evaluate all arguments. */
import { sprint, sprintf, sprintln } from "../format/printer.ts";
import { type FunctionRun, type FunctionTable, type GoValue, goFunction, isTrue } from "../values/go-value.ts";
import { collectionFunctions } from "./collection.ts";
import { comparisonFunctions } from "./comparison.ts";
import { escapeHtml, escapeJs, escapeQuery } from "./escape.ts";

export const builtinFunctions: FunctionTable = new Map([
  ...comparisonFunctions,
  ...collectionFunctions,
  ["not", goFunction(["any"], ([value]) => !isTrue(value))],
  ["print", goFunction(["...any"], (args, run) => sprint(args, run.textLengthMax))],
  ["println", goFunction(["...any"], (args, run) => sprintln(args, run.textLengthMax))],
  [
    "printf",
    goFunction(["string", "...any"], ([format, ...args], run) => sprintf(format as string, args, run.textLengthMax)),
  ],
  ["html", goFunction(["...any"], (args, run) => escapeHtml(joined(args, run)))],
  ["js", goFunction(["...any"], (args, run) => escapeJs(joined(args, run)))],
  ["urlquery", goFunction(["...any"], (args, run) => escapeQuery(joined(args, run)))],
]);

/** The names that only the evaluator knows how to call. */
export const specialFunctionNames: ReadonlySet<string> = new Set(["and", "or", "call"]);

function joined(args: readonly GoValue[], run: FunctionRun): string {
  if (args.length === 1 && typeof args[0] === "string") return args[0];
  return sprint(
    args.map((arg) => (arg === undefined || arg === null ? "<no value>" : arg)),
    run.textLengthMax,
  );
}
