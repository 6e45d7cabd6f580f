import { expect, test } from "vitest";
import { hourMs, planDay, type VisitKind, visitKinds } from "./day-plan.ts";
import { seededRandom } from "./seeded-random.ts";

/** At most, of one visit: that of a newcomer. */
const requestsPerVisit: Readonly<Record<VisitKind, number>> = {
  newcomers: 17,
  logins: 3,
  "shared-address": 3,
  handshakes: 4,
  "large-uploads": 3,
};
const healthChecksPerDay = 8640;

test.each([...visitKinds, "quiet"] as const)("a day of mostly %s is one that the machine can play", (mostly) => {
  const visits = planDay({ mostly, hourCount: 24, random: seededRandom(1) });
  const requestCount = visits.reduce((sum, { kind }) => sum + requestsPerVisit[kind], healthChecksPerDay);
  expect(requestCount).toBeLessThan(20_000);
  const within = (startHour: number, endHour: number): number =>
    visits.filter(({ atMs }) => atMs >= startHour * hourMs && atMs < endHour * hourMs).length;
  expect(within(0, 6)).toBeLessThan(within(9, 12) / 5);
  expect(within(0, 24)).toBe(visits.length);
});

test("what is in front comes more often than on other days, and the others come too", () => {
  const counts = (mostly: VisitKind | "quiet"): Readonly<Record<string, number>> => {
    const visits = planDay({ mostly, hourCount: 24, random: seededRandom(1) });
    return Object.fromEntries(visitKinds.map((kind) => [kind, visits.filter((visit) => visit.kind === kind).length]));
  };
  for (const kind of visitKinds) {
    expect(counts(kind)[kind]).toBeGreaterThan(5 * counts("quiet")[kind]!);
    for (const beside of visitKinds) expect(counts(kind)[beside]).toBeGreaterThan(0);
  }
});

test("a seed always gives the same day, and another seed another", () => {
  const day = (seed: number) => planDay({ mostly: "logins", hourCount: 24, random: seededRandom(seed) });
  expect(day(1)).toEqual(day(1));
  expect(day(1)).not.toEqual(day(2));
});
