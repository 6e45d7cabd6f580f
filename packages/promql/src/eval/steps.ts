/** The times an expression is evaluated at: startMs, startMs + stepMs, ... `count` of them. */
export interface Steps {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export function stepTimeMs(steps: Steps, index: number): number {
  return steps.startMs + index * steps.stepMs;
}

export function oneStep(timeMs: number): Steps {
  return { startMs: timeMs, stepMs: 1, count: 1 };
}
