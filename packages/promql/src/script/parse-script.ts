import { parseDurationMs } from "@tatou/model";
import { type Expectation, parseExpectation } from "./parse-expectation.ts";
import { ScriptSyntaxError } from "./script-syntax-error.ts";
import { parseSeriesLine, type SeriesLine, splitSeriesLine } from "./series-notation.ts";

/** One command of a script; lines count from 1. */
export type ScriptCommand = { readonly kind: "clear"; readonly line: number } | LoadCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: "load";
  readonly line: number;
  readonly intervalMs: number;
  /** Also make native histograms with custom buckets of the classic ones. */
  readonly withNhcb: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries extends SeriesLine {
  /** The samples carry start timestamps. */
  readonly hasStartTimestamps: boolean;
}

export interface EvalCommand {
  readonly kind: "eval";
  readonly line: number;
  readonly query: string;
  readonly time: EvalTime;
  readonly expectations: readonly Expectation[];
}

export type EvalTime =
  | { readonly kind: "instant"; readonly timeMs: number }
  | { readonly kind: "range"; readonly startMs: number; readonly endMs: number; readonly stepMs: number };

/**
 * Reads a script: `load`, `clear` and `eval` commands, each with the lines below it up to an empty line.
 * @throws {ScriptSyntaxError} with the line
 */
export function parseScript(text: string): readonly ScriptCommand[] {
  const lines = text.split("\n").map((line) => (/^\s*#/.test(line) ? "" : line.trim()));
  const commands: ScriptCommand[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (lines[index] === "") continue;
    let end = index + 1;
    if (lines[index] !== "clear") while (end < lines.length && lines[end] !== "") end++;
    commands.push(parseCommand(lines.slice(index, end), index + 1));
    index = end - 1;
  }
  return commands;
}

function parseCommand(block: readonly string[], line: number): ScriptCommand {
  const [head, ...body] = block as [string, ...string[]];
  try {
    if (head === "clear") return { kind: "clear", line };
    if (head.startsWith("load")) return parseLoad(head, body, line);
    if (head.startsWith("eval")) return parseEval(head, body, line);
  } catch (error) {
    throw new ScriptSyntaxError(`line ${line}: ${(error as Error).message}`, { cause: error });
  }
  throw new ScriptSyntaxError(
    `line ${line}: Cannot parse command: found ${JSON.stringify(head)}, expected load, clear or eval`,
  );
}

function parseLoad(head: string, body: readonly string[], line: number): LoadCommand {
  const match = /^load(_with_nhcb)?\s+(\S+)$/.exec(head);
  if (match === null) throw new ScriptSyntaxError('Cannot parse load: expected "load <interval>"');
  let allHaveStartTimestamps = false;
  let nextHasStartTimestamps = false;
  const series: LoadedSeries[] = [];
  for (const text of body) {
    if (text.startsWith("@st")) allHaveStartTimestamps = true;
    else if (splitSeriesLine(text).rest.startsWith("@st")) nextHasStartTimestamps = true;
    else {
      series.push({ ...parseSeriesLine(text), hasStartTimestamps: allHaveStartTimestamps || nextHasStartTimestamps });
      nextHasStartTimestamps = false;
    }
  }
  return { kind: "load", line, intervalMs: parseDurationMs(match[2]!), withNhcb: match[1] !== undefined, series };
}

const instantForm = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+at\s+(\S+)\s+(.+)$/;
const rangeForm = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/;

function parseEval(head: string, body: readonly string[], line: number): EvalCommand {
  const instant = instantForm.exec(head);
  const range = rangeForm.exec(head);
  if (instant === null && range === null)
    throw new ScriptSyntaxError(
      'Cannot parse eval: expected "eval instant at <time> <query>" or "eval range from <start> to <end> step <step> <query>"',
    );
  const mode = (instant ?? range)![1];
  const expectations = body.map((text) => parseExpectation(text));
  if (mode !== undefined) expectations.unshift(parseExpectation(`expect ${mode}`));
  const query = (instant?.[3] ?? range?.[5])!;
  const time: EvalTime =
    instant === null
      ? {
          kind: "range",
          startMs: parseDurationMs(range![2]!),
          endMs: parseDurationMs(range![3]!),
          stepMs: parseDurationMs(range![4]!),
        }
      : { kind: "instant", timeMs: parseDurationMs(instant[2]!) };
  return { kind: "eval", line, query, time, expectations };
}
