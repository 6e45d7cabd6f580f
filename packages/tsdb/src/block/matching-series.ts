/**
 * From matchers to series, by the index alone.
 *
 * Each matcher is run once per distinct value of its label, never per series:
 *   - one that refuses the empty text names the lists of which a series must be in one;
 *   - one that accepts it names the lists in which a series must not be.
 */
import { accepts, type Matcher } from "@tatou/model";
import { intersect } from "../head/postings.ts";
import type { IndexReader } from "./index-reader.ts";
import { subtract, unite } from "./posting-sets.ts";

/** The series that all matchers accept, ascending, which is the order of their labels. @throws {BlockCorruptError} */
export function matchingSeries(index: IndexReader, matchers: readonly Matcher[]): Uint32Array {
  const wanted = matchers.filter((matcher) => !accepts(matcher, ""));
  const unwanted = matchers.filter((matcher) => accepts(matcher, "") && !acceptsAnything(matcher));
  // Those that name their values are looked up: if one of them finds nothing, no values have to be walked through.
  wanted.sort((left, right) => Number(literalValues(right) !== null) - Number(literalValues(left) !== null));
  let found: Uint32Array | null = null;
  for (const matcher of wanted) {
    const series = seriesWhere(index, matcher, true);
    found = found === null ? series : intersect(found, series);
    if (found.length === 0) return found;
  }
  found ??= index.allSeries();
  for (const matcher of unwanted) found = subtract(found, seriesWhere(index, matcher, false));
  return found;
}

/** The series that have the matcher's label with a value that it accepts, or refuses. */
function seriesWhere(index: IndexReader, matcher: Matcher, accepted: boolean): Uint32Array {
  const offsets: number[] = [];
  const literals = literalValues(matcher);
  if (literals !== null && isPositive(matcher) === accepted) {
    for (const value of literals) {
      const offset = index.postings.find(matcher.label, value);
      if (value !== "" && offset !== -1) offsets.push(offset);
    }
  } else {
    index.postings.visitValues(matcher.label, (value, offset) => {
      if (accepts(matcher, value) === accepted) offsets.push(offset);
      return true;
    });
  }
  return unite(offsets.map((offset) => index.readList(offset)));
}

function isPositive(matcher: Matcher): boolean {
  return matcher.kind === "equal" || matcher.kind === "matches";
}

/** The values that a matcher names one by one, as `=`, `!=` and patterns like a|b|c do; null when it doesn't. */
function literalValues(matcher: Matcher): readonly string[] | null {
  return "pattern" in matcher ? (matcher.pattern.literals ?? null) : [matcher.value];
}

function acceptsAnything(matcher: Matcher): boolean {
  return matcher.kind === "matches" && matcher.pattern.source === ".*";
}
