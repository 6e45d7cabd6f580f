import { type Labels, labelsOf } from "@tatou/model";
import { QuerySyntaxError } from "../errors.ts";
import { parseMatchers } from "./parse-expr.ts";

/** Reads the labels of one series, `up{job="api"}`: a selector of equalities. @throws {QuerySyntaxError} */
export function parseMetric(text: string): Labels {
  return labelsOf(
    parseMatchers(text).map((matcher) => {
      if (matcher.kind === "equal") return [matcher.label, matcher.value] as const;
      throw new QuerySyntaxError('1:1: parse error: unexpected label matching operator in label set, expected "="', {
        span: { start: 0, end: text.length },
        hint: 'Write label="value"',
      });
    }),
  );
}
