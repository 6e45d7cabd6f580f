import { parseAlertMatchers } from "@tatou/config";
import { accepts, type Labels, labelValue, type Matcher } from "@tatou/model";

/** A filter that cannot be read; the API answers 400 with the message as JSON text. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/** The `filter` parameters of a request, each one matcher. @throws {FilterError} */
export function parseLabelFilter(texts: readonly string[]): readonly Matcher[] {
  return texts.map((text) => {
    const [matcher, ...more] = parseFilterText(text);
    if (matcher !== undefined && more.length === 0) return matcher;
    throw new FilterError(`expected 1 matcher, found ${matcher === undefined ? 0 : more.length + 1}: ${text}`);
  });
}

function parseFilterText(text: string): readonly Matcher[] {
  try {
    return parseAlertMatchers(text);
  } catch (error) {
    throw new FilterError(error instanceof Error ? error.message : String(error));
  }
}

/** Whether all matchers accept; a label that is not there has the empty value. */
export function filterAccepts(filter: readonly Matcher[], labels: Labels): boolean {
  return filter.every((matcher) => accepts(matcher, labelValue(labels, matcher.label)));
}
