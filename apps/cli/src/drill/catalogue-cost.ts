import type { DrillScenario, DrillStep } from "@tatou/assurance";

/** Playing a minute of quiet costs about as much as so many requests. */
const requestsPerMinute = 50;
/** Of what only its code knows: better too early than last. */
const actCost = 3_000;
/** Files are hashed, stored, and read by a parser. */
const uploadCost = 100;
/** How long an alert takes that says nothing else. */
const detectionMinutes = 3;

/** How much work a drill is, in requests, roughly: only the order matters, in which drills begin. */
export function expectedCost(scenario: DrillScenario): number {
  const detectMinutes = Math.max(
    0,
    ...scenario.expect.map(({ withinMs }) => (withinMs === null ? detectionMinutes : withinMs / 60_000)),
  );
  const quietMinutes = (scenario.historyMs + scenario.settleMs) / 60_000 + detectMinutes;
  const steps = [...scenario.prepare, ...scenario.steps];
  return quietMinutes * requestsPerMinute + steps.reduce((sum, step) => sum + costOf(step), 0);
}

function costOf(step: DrillStep): number {
  switch (step.kind) {
    case "wait":
      return (step.durationMs / 60_000) * requestsPerMinute;
    case "act":
      return actCost;
    case "fault":
      return (((step.durationMs ?? 0) + (step.times - 1) * (step.everyMs ?? 0)) / 60_000) * requestsPerMinute;
    case "request": {
      const durationMs = Math.min(step.durationMs ?? Infinity, ((step.times ?? Infinity) / step.perSecond) * 1000);
      const each = step.request.body?.kind === "upload" ? uploadCost : 1;
      return (durationMs / 1000) * step.perSecond * each + (durationMs / 60_000) * requestsPerMinute;
    }
    case "parallel":
      return step.branches.flat().reduce((sum, inner) => sum + costOf(inner), 0);
  }
}
