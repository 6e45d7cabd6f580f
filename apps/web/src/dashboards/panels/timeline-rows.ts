import type { DisplayField, DisplayFrame } from "@tatou/dashboard-model";

interface TimelineState {
  readonly value: number | string | null;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

export interface TimelineRow {
  readonly field: DisplayField;
  readonly states: readonly TimelineState[];
}

/** Each value holds until the next sample, at most one step; equal neighbours become one state. */
export function timelineRows(frames: readonly DisplayFrame[], mergeEqual: boolean): TimelineRow[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.kind === "time");
    if (time === undefined) return [];
    const times = time.values.map(Number);
    const stepMs = frame.stepMs ?? Math.max(1, (times[1] ?? 0) - (times[0] ?? 0));
    return frame.fields
      .filter((field) => field !== time)
      .map((field) => ({ field, states: statesOf(field, { times, stepMs, mergeEqual }) }));
  });
}

interface StateInput {
  readonly times: readonly number[];
  readonly stepMs: number;
  readonly mergeEqual: boolean;
}

function statesOf(field: DisplayField, { times, stepMs, mergeEqual }: StateInput): TimelineState[] {
  const states: TimelineState[] = [];
  for (const [row, startMs] of times.entries()) {
    const value = field.values[row] ?? null;
    if (value === null) continue;
    const endMs = Math.min(times[row + 1] ?? Infinity, startMs + stepMs);
    const last = states.at(-1);
    if (mergeEqual && last !== undefined && last.value === value && last.endMs === startMs)
      states[states.length - 1] = { ...last, endMs };
    else states.push({ value, startMs, endMs });
  }
  return states;
}
