import { compileSearchRegex, RegexSyntaxError, type SearchRegex } from "@tatou/model";
import { TemplateLimitError } from "../errors.ts";
import { type FunctionRun, goFunction } from "../values/go-value.ts";

/** Longer patterns only serve to keep the machine busy. */
const patternLengthMax = 10_000;

/** match PATTERN TEXT: whether the pattern is found anywhere in the text. */
export const matchFunction = goFunction(["string", "string"], ([pattern, text], run) => {
  spendFor(pattern as string, text as string, run);
  return compile(pattern as string).test(text as string);
});

/** reReplaceAll PATTERN REPLACEMENT TEXT. */
export const replaceFunction = goFunction(["string", "string", "string"], ([pattern, replacement, text], run) => {
  spendFor(pattern as string, text as string, run);
  const regex = compileOrPanic(pattern as string);
  try {
    return regex.replaceAll(text as string, replacement as string, run.textLengthMax);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TemplateLimitError(error.message);
  }
});

/** RE2 takes time in proportion to pattern times text. */
function spendFor(pattern: string, text: string, run: FunctionRun): void {
  run.spend(Math.ceil((pattern.length * (text.length + 1)) / 1000));
}

function compile(pattern: string): SearchRegex {
  if (pattern.length > patternLengthMax) throw new Error("error parsing regexp: expression too large");
  return compileSearchRegex(pattern);
}

/** Go compiles this pattern by MustCompile, whose message begins with the call. */
function compileOrPanic(pattern: string): SearchRegex {
  try {
    return compile(pattern);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    const quoted = pattern.includes("`") ? JSON.stringify(pattern) : `\`${pattern}\``;
    throw new Error(`regexp: Compile(${quoted}): ${error.message}`, { cause: error });
  }
}
