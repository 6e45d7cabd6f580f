import { DurationSyntaxError } from "./errors.ts";

const unitsMs = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const durationPattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration as Prometheus writes them ("1h30m", "0"), in milliseconds.
 * @throws {DurationSyntaxError} with Prometheus' wording
 */
export function parseDurationMs(text: string): number {
  if (text === "0") return 0;
  const match = durationPattern.exec(text);
  if (text === "" || match === null) throw new DurationSyntaxError(text);
  const unitSizesMs = Object.values(unitsMs);
  let totalMs = 0;
  for (let index = 0; index < unitSizesMs.length; index++)
    totalMs += Number(match[index + 1] ?? 0) * unitSizesMs[index]!;
  if (totalMs > maxDurationMs) throw new RangeError("duration out of range");
  return totalMs;
}

/** 2^63-1 nanoseconds, the longest a Go duration holds. */
const maxDurationMs = 9_223_372_036_854;

/** Writes a duration as Prometheus does: the fewest units that are exact, weeks and years only when they come out even. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs === 0) return "0s";
  if (durationMs < 0) return `-${formatDurationMs(-durationMs)}`;
  let leftMs = durationMs;
  let text = "";
  for (const [unit, unitMs] of Object.entries(unitsMs)) {
    const onlyWhenExact = unit === "y" || unit === "w" || unit === "d";
    if (leftMs === 0 || (onlyWhenExact && leftMs % unitMs !== 0)) continue;
    const count = Math.floor(leftMs / unitMs);
    if (count > 0) text += `${count}${unit}`;
    leftMs -= count * unitMs;
  }
  return text;
}
