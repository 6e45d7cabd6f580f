/**
 * From matchers to series refs.
 *
 * Each matcher is run once per distinct value of its label, never per series, and becomes a set of label pairs:
 *   - one that refuses the empty text names the pairs of which a series must have one;
 *   - one that accepts it names the pairs that a series must not have.
 * The smallest set of the first kind gives the refs to start from. Sets of one pair are intersected as lists; the others
 * mark their pairs, and a series is kept when its own pairs carry all the wanted marks and no unwanted one.
 */
import { accepts, type Matcher } from "@tatou/model";
import type { LabelIndex } from "./label-index.ts";
import { intersect, uniteDisjoint } from "./postings.ts";

/** The mark of unwanted pairs; the bits below it belong to one wanted set each. */
const unwantedMark = 1 << 30;
const wantedSetsPerPass = 30;

interface PairSet {
  readonly pairs: readonly number[];
  /** Series that have one of the pairs. */
  readonly seriesCount: number;
}

/** The series that all matchers accept, ascending by ref; valid until the next change. */
export function matchingRefs(index: LabelIndex, matchers: readonly Matcher[]): Uint32Array {
  const wanted: PairSet[] = [];
  const unwanted: PairSet[] = [];
  for (const matcher of matchers) {
    if (accepts(matcher, "")) unwanted.push(pairsWhere(index, matcher, false));
    else wanted.push(pairsWhere(index, matcher, true));
  }
  if (wanted.some((set) => set.seriesCount === 0)) return new Uint32Array(0);
  wanted.sort((left, right) => left.seriesCount - right.seriesCount);
  const first = wanted.shift();
  let refs = first === undefined ? index.series.refs() : refsOf(index, first);
  for (const set of wanted) if (set.pairs.length === 1) refs = intersect(refs, refsOf(index, set));
  const marking = wanted.filter((set) => set.pairs.length > 1);
  while (marking.length > wantedSetsPerPass) refs = keepMarked(index, refs, marking.splice(0, wantedSetsPerPass), []);
  return keepMarked(
    index,
    refs,
    marking,
    unwanted.filter((set) => set.pairs.length > 0),
  );
}

/** The pairs of the matcher's label whose value it accepts, or refuses. */
function pairsWhere(index: LabelIndex, matcher: Matcher, accepted: boolean): PairSet {
  const { pairs } = index;
  const found: number[] = [];
  let seriesCount = 0;
  const add = (pair: number): void => {
    found.push(pair);
    seriesCount += pairs.seriesCount(pair);
  };
  const literals = literalValues(matcher);
  if (literals !== null && acceptsLiterals(matcher) === accepted) {
    for (const value of literals) {
      const pair = pairs.find(matcher.label, value);
      if (pair !== -1) add(pair);
    }
    return { pairs: found, seriesCount };
  }
  const test = matchesAnything(matcher) ? (): boolean => matcher.kind === "matches" : accepts.bind(null, matcher);
  for (let pair = pairs.firstOf(matcher.label); pair !== -1; pair = pairs.nextOf(pair)) {
    if (test(pairs.label(pair).value) === accepted) add(pair);
  }
  return { pairs: found, seriesCount };
}

function acceptsLiterals(matcher: Matcher): boolean {
  return matcher.kind === "equal" || matcher.kind === "matches";
}

/** The values that a matcher names one by one, as `=`, `!=` and patterns like a|b|c do; null when it doesn't. */
function literalValues(matcher: Matcher): ReadonlySet<string> | null {
  if (!("pattern" in matcher)) return new Set(matcher.value === "" ? [] : [matcher.value]);
  const { source } = matcher.pattern;
  if (!/^[\w\-:/ ,=@|]*$/.test(source)) return null;
  const values = new Set(source.split("|"));
  values.delete("");
  return values;
}

/** Stored values are never empty, so both patterns accept all of them. */
function matchesAnything(matcher: Matcher): boolean {
  return "pattern" in matcher && (matcher.pattern.source === ".*" || matcher.pattern.source === ".+");
}

function refsOf(index: LabelIndex, set: PairSet): Uint32Array {
  // Pairs of one name have no series in common.
  return uniteDisjoint(set.pairs.map((pair) => index.pairs.seriesOf(pair)));
}

function keepMarked(
  index: LabelIndex,
  refs: Uint32Array,
  wanted: readonly PairSet[],
  unwanted: readonly PairSet[],
): Uint32Array {
  if (wanted.length === 0 && unwanted.length === 0) return refs;
  const marks = new Uint32Array(index.pairs.end);
  wanted.forEach((set, bit) => mark(marks, set, 1 << bit));
  for (const set of unwanted) mark(marks, set, unwantedMark);
  const complete = 2 ** wanted.length - 1;
  const kept = new Uint32Array(refs.length);
  let count = 0;
  for (const ref of refs) {
    let found = 0;
    for (const pair of index.series.pairsOf(ref)) found |= marks[pair]!;
    if (found === complete) kept[count++] = ref;
  }
  return kept.subarray(0, count);
}

function mark(marks: Uint32Array, set: PairSet, bits: number): void {
  for (const pair of set.pairs) marks[pair]! |= bits;
}
