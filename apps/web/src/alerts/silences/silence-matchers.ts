import type { Diagnostic } from "@tatou/model";
import { ApiError } from "../../shared/http/api-error.ts";
import type { SilenceMatcher } from "../alerts-api.ts";
import { parseMatcherText } from "../matcher-text.ts";

/**
 * The matchers of a text with one on each line; empty lines count for nothing.
 * @throws {ApiError} a line is no matcher: told before anything is sent
 */
export function readMatchers(text: string): readonly SilenceMatcher[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const matcher = parseMatcherText(line);
      if (matcher === null) throw new ApiError(0, notAMatcher(line));
      return matcher;
    });
}

function notAMatcher(line: string): Diagnostic {
  return {
    code: "matcher_syntax",
    message: `Cannot read the matcher ${JSON.stringify(line.trim())}: found no operator, expected one of = != =~ !~`,
    hint: 'Write it as alertname="TargetDown"',
  };
}
