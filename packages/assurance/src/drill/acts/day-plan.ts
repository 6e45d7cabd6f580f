/**
 * A day on a platform that people use: one kind of behaviour in front, the others beside it.
 *
 * 1. Every kind of visit has a number a day. It is spread over the hours by a rhythm: few at night, most in the morning and
 *    after lunch.
 * 2. Within an hour, visits begin at random.
 */

/** What a day can be mostly made of, and how many visits of each kind a day has then, and otherwise. */
const visitsPerDay = {
  newcomers: { inFront: 240, beside: 30 },
  logins: { inFront: 2400, beside: 250 },
  "shared-address": { inFront: 1200, beside: 150 },
  handshakes: { inFront: 600, beside: 50 },
  "large-uploads": { inFront: 60, beside: 4 },
} as const;

export type VisitKind = keyof typeof visitsPerDay;

export const visitKinds = Object.keys(visitsPerDay) as readonly VisitKind[];

/** On a quiet day there is a tenth of what there is otherwise. */
const quietShare = 0.1;

/** From midnight on. */
const rhythm = [1, 1, 0, 0, 0, 1, 2, 5, 10, 14, 14, 12, 7, 10, 13, 12, 10, 8, 5, 4, 4, 3, 2, 1];
const rhythmTotal = rhythm.reduce((sum, weight) => sum + weight, 0);
export const hourMs = 3_600_000;

export interface DayOptions {
  readonly mostly: VisitKind | "quiet";
  /** A day has 24; with more, the rhythm begins again. */
  readonly hourCount: number;
  readonly random: () => number;
}

/** One visit of a day. */
export interface PlannedVisit {
  readonly kind: VisitKind;
  /** From midnight on. */
  readonly atMs: number;
  /** Counts the visits of a kind. */
  readonly index: number;
}

export function planDay(options: DayOptions): readonly PlannedVisit[] {
  return visitKinds.flatMap((kind) => visitTimes(kind, options).map((atMs, index) => ({ kind, atMs, index })));
}

function visitTimes(kind: VisitKind, { mostly, hourCount, random }: DayOptions): readonly number[] {
  const perWeight = visitCountPerDay(kind, mostly) / rhythmTotal;
  const timesMs: number[] = [];
  let expectedCount = 0;
  for (let hour = 0; hour < hourCount; hour++) {
    expectedCount += perWeight * rhythm[hour % rhythm.length]!;
    while (timesMs.length < Math.round(expectedCount)) timesMs.push((hour + random()) * hourMs);
  }
  return timesMs;
}

function visitCountPerDay(kind: VisitKind, mostly: VisitKind | "quiet"): number {
  const { inFront, beside } = visitsPerDay[kind];
  if (mostly === "quiet") return beside * quietShare;
  return kind === mostly ? inFront : beside;
}
