import type { AttackTechnique } from "./attack-technique.ts";

/** How the requests of an attack are spread over time and addresses. */
export interface AttackShape {
  readonly id: string;
  readonly title: string;
  /** The keys of a drill's step beside its request. */
  readonly pace: (technique: AttackTechnique) => Readonly<Record<string, string | number>>;
  /** How long an alert is waited for after the last request. */
  readonly settle: string;
}

/** The ways around a threshold that attackers are known to take, and the one that nothing here sees. */
export const attackShapes: readonly AttackShape[] = [
  {
    id: "loud",
    title: "one address, 20 a second",
    pace: () => ({ rate: 20, for: "3m" }),
    settle: "3m",
  },
  {
    id: "slow",
    title: "one address, one every 20 s",
    pace: () => ({ every: "20s", for: "45m" }),
    settle: "2m",
  },
  {
    id: "hundred-sources",
    title: "100 addresses, together 2 a second",
    pace: () => ({ rate: 2, sources: 100, for: "6m" }),
    settle: "3m",
  },
  {
    id: "fresh-sources",
    title: "another address for every request, 2 a second",
    pace: () => ({ rate: 2, sources: "each", for: "6m" }),
    settle: "3m",
  },
  {
    id: "burst",
    title: "200 requests from 10 new addresses between two scrapes, once",
    pace: () => ({ rate: 100, sources: 10, times: 200 }),
    settle: "6m",
  },
  {
    id: "at-threshold",
    title: "one address, exactly at the plain rule's threshold",
    pace: ({ plain }) => ({ rate: plain.perSecond, for: "8m" }),
    settle: "3m",
  },
  {
    id: "just-below",
    title: "one address, just below the pack's own threshold",
    pace: ({ unseenEverySeconds }) => ({ every: `${unseenEverySeconds}s`, for: "45m" }),
    settle: "2m",
  },
];
