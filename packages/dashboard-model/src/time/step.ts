import { parseDurationMs } from "@tatou/model";
import type { TimeRange } from "./time-range.ts";

/** What a query over a range is asked with. */
export interface QueryStep {
  /** Distance of two points. */
  readonly stepMs: number;
  /** $__interval */
  readonly intervalMs: number;
  /** $__rate_interval: long enough that rate() always sees four scrapes. */
  readonly rateIntervalMs: number;
}

export interface QueryStepOptions {
  readonly range: TimeRange;
  /** How many points the panel can show: its width in pixels, or what the panel says. */
  readonly maxDataPoints: number;
  /** Of the data source. */
  readonly scrapeIntervalMs: number;
  /** "Min step" of the query or panel, in place of the data source's scrape interval. */
  readonly minStepMs?: number;
  /** Multiplies the step: an old setting for coarser queries. */
  readonly intervalFactor?: number;
}

/** The data source refuses more points for one series. */
const pointsMax = 11_000;

/** What data sources have unless they say otherwise. */
export const scrapeIntervalDefaultMs = 15_000;

/** Steps are round and no shorter than the scrape interval, as in Grafana. */
export function queryStep(options: QueryStepOptions): QueryStep {
  const { range, maxDataPoints, scrapeIntervalMs, intervalFactor = 1 } = options;
  const rangeMs = range.maxTimeMs - range.minTimeMs;
  const minStepMs = options.minStepMs ?? scrapeIntervalMs;
  const roundMs = roundInterval(rangeMs / Math.max(1, maxDataPoints));
  const intervalMs = Math.max(roundMs, minStepMs, 1);
  const safeMs = rangeMs / pointsMax;
  const stepMs = Math.max(
    intervalMs * Math.max(1, intervalFactor),
    safeMs <= intervalMs ? 0 : Math.ceil(safeMs / 1000) * 1000,
  );
  const rateScrapeMs = options.minStepMs ?? scrapeIntervalMs;
  const rateIntervalMs = Math.max(intervalMs + rateScrapeMs, 4 * rateScrapeMs);
  return { stepMs, intervalMs, rateIntervalMs };
}

/** Both bounds moved down to multiples of the step, so that points stay where they are from refresh to refresh. */
export function alignToStep(range: TimeRange, stepMs: number): TimeRange {
  return {
    minTimeMs: Math.floor(range.minTimeMs / stepMs) * stepMs,
    maxTimeMs: Math.floor(range.maxTimeMs / stepMs) * stepMs,
  };
}

/** "30s", ">30s" or "1m"; undefined for anything else. */
export function parseInterval(text: string): number | undefined {
  try {
    const durationMs = parseDurationMs(text.trim().replace(/^>=?\s*/, ""));
    return durationMs > 0 ? durationMs : undefined;
  } catch {
    return undefined;
  }
}

/** An interval in the one unit that fits, as $__interval is written: 15000 is "15s". */
export function intervalText(intervalMs: number): string {
  const whole = Math.round(intervalMs);
  for (const [unit, unitMs] of intervalUnits)
    if (whole >= unitMs && whole % unitMs === 0) return `${whole / unitMs}${unit}`;
  return `${whole}ms`;
}

const intervalUnits = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** Below each limit (ms) the interval beside it is taken. */
const roundIntervals = [
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
] as const;

function roundInterval(intervalMs: number): number {
  for (const [limitMs, roundMs] of roundIntervals) if (intervalMs < limitMs) return intervalMs < 10 ? 1 : roundMs;
  return 31_536_000_000;
}
