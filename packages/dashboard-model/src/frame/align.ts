import { type DisplayField, type DisplayFrame, rowCount } from "./frame.ts";

/** Number fields over one shared, ascending list of times. */
export interface AlignedSeries {
  readonly timesMs: readonly number[];
  readonly columns: readonly AlignedColumn[];
}

interface AlignedColumn {
  readonly field: DisplayField;
  /** A number; null for a gap; undefined where only other series have a sample, which interrupts no line. */
  readonly values: readonly (number | null | undefined)[];
}

/** A distance of more than this many steps is a gap. */
const gapSteps = 1.5;

/** Brings the number fields of all frames onto one time axis; gaps are marked where a step is missing. */
export function alignFrames(frames: readonly DisplayFrame[]): AlignedSeries {
  const timesMs = unionOfTimes(frames);
  const positions = new Map(timesMs.map((timeMs, index) => [timeMs, index]));
  const columns: AlignedColumn[] = [];
  for (const frame of frames) {
    const time = timeField(frame);
    if (time === undefined) continue;
    for (const field of frame.fields)
      if (field.kind === "number")
        columns.push({ field, values: alignColumn({ time, field, positions, stepMs: frame.stepMs }) });
  }
  return { timesMs, columns };
}

function timeField(frame: DisplayFrame): DisplayField | undefined {
  return frame.fields.find((field) => field.kind === "time");
}

function unionOfTimes(frames: readonly DisplayFrame[]): number[] {
  const times = new Set<number>();
  for (const frame of frames) {
    const values = timeField(frame)?.values ?? [];
    let previous: number | null = null;
    for (let row = 0; row < rowCount(frame); row++) {
      const timeMs = values[row];
      if (typeof timeMs !== "number") continue;
      // The first missing step gets a time of its own, so that the gap has a place even when no other series is there.
      if (previous !== null && isGap(previous, timeMs, frame.stepMs)) times.add(previous + (frame.stepMs ?? 0));
      times.add(timeMs);
      previous = timeMs;
    }
  }
  return [...times].sort((left, right) => left - right);
}

function isGap(beforeMs: number, afterMs: number, stepMs: number | undefined): boolean {
  return stepMs !== undefined && afterMs - beforeMs > stepMs * gapSteps;
}

interface ColumnParts {
  readonly time: DisplayField;
  readonly field: DisplayField;
  readonly positions: ReadonlyMap<number, number>;
  readonly stepMs: number | undefined;
}

function alignColumn({ time, field, positions, stepMs }: ColumnParts): (number | null | undefined)[] {
  const aligned = Array.from<number | null | undefined>({ length: positions.size });
  let previous: number | null = null;
  for (const [row, timeMs] of time.values.entries()) {
    if (typeof timeMs !== "number") continue;
    const value = field.values[row];
    const position = positions.get(timeMs);
    if (position !== undefined) aligned[position] = typeof value === "number" && !Number.isNaN(value) ? value : null;
    const gapStart =
      previous !== null && isGap(previous, timeMs, stepMs) ? positions.get(previous + (stepMs ?? 0)) : undefined;
    if (gapStart !== undefined) aligned[gapStart] = null;
    previous = timeMs;
  }
  return aligned;
}
