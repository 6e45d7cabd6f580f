import {
  compareStrings,
  isLegacyLabelName,
  type Matcher,
  makeMatcher,
  matcherOperator,
  matcherValue,
} from "@tatou/model";
import { type Fields, fault, type Located, listOf, mapOf } from "../yaml/fields.ts";
import { regex, text } from "../yaml/scalars.ts";
import { parseAlertMatchers } from "./parse-alert-matchers.ts";

/** The keys that together say what a route or one side of an inhibition matches. */
interface MatcherKeys {
  readonly match: string;
  readonly matchRe: string;
  readonly matchers: string;
}

/** All matchers of the three keys, sorted by label, value and operator. */
export function readMatchers(fields: Fields, keys: MatcherKeys): readonly Matcher[] {
  const equal = fields.get(keys.match, equalMatchers) ?? [];
  const regexes = fields.get(keys.matchRe, regexMatchers) ?? [];
  const written = fields.get(keys.matchers, listOf(matcherLine)) ?? [];
  return [...equal, ...regexes, ...written.flat()].sort(compareMatchers);
}

function equalMatchers(at: Located): readonly Matcher[] | undefined {
  const values = mapOf(text)(at);
  return values && Object.entries(values).map(([label, value]) => makeMatcher(checkLabel(at, label), "=", value));
}

function regexMatchers(at: Located): readonly Matcher[] | undefined {
  const patterns = mapOf(text)(at);
  if (patterns === undefined || at.node.kind !== "map") return undefined;
  const matchers: Matcher[] = [];
  for (const [label, { value }] of at.node.entries) {
    const place: Located = { ...at, path: `${at.path}.${label}`, node: value };
    checkLabel(at, label);
    const pattern = regex(place);
    if (pattern === null) fault(place, `invalid regexp value for ${JSON.stringify(label)}`);
    else if (pattern !== undefined) matchers.push({ kind: "matches", label, pattern });
  }
  return matchers;
}

function checkLabel(at: Located, label: string): string {
  if (!isLegacyLabelName(label)) fault(at, `invalid label name ${JSON.stringify(label)}`);
  return label;
}

function matcherLine(at: Located): readonly Matcher[] | undefined {
  const line = text(at);
  if (line === undefined) return undefined;
  try {
    return parseAlertMatchers(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fault(at, error.message, "hint" in error ? String(error.hint) : undefined);
  }
}

function compareMatchers(left: Matcher, right: Matcher): number {
  return (
    compareStrings(left.label, right.label) ||
    compareStrings(matcherValue(left), matcherValue(right)) ||
    compareStrings(matcherOperator(left), matcherOperator(right))
  );
}
