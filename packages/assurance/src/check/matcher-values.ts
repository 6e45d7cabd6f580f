import { type Matcher, matcherValue } from "@tatou/model";

/** Most alternatives that are taken apart. */
const alternativeCountMax = 1_000;

/**
 * The plain texts among the alternatives of a pattern such as `high|critical|LatencySLO.*`.
 * @returns null when it has other parts than alternatives side by side
 */
export function literalAlternatives(pattern: string): readonly string[] | null {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern;
  if (/[()[\]\\{}]/.test(inner)) return null;
  const texts = inner.split("|");
  return texts.length > alternativeCountMax ? null : texts.filter((text) => /^[\w\-/: ]*$/.test(text));
}

/** The values that a matcher wants; null when it is not about certain ones. */
export function wantedValues(matcher: Matcher): readonly string[] | null {
  if (matcher.kind === "equal") return [matcher.value];
  return matcher.kind === "matches" ? literalAlternatives(matcherValue(matcher)) : null;
}
