import { parseFloatGo } from "@tatou/kernels";
import { parseDurationMs } from "@tatou/model";
import { ParameterError } from "./errors.ts";

/** The bounds of Prometheus' API: about 292 million years either side, in ms, within the exact integers. */
const timeMaxMs = Number.MAX_SAFE_INTEGER;

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Reads a time: Unix seconds with fraction, or RFC 3339.
 * @param name the parameter, for the error
 * @returns whole milliseconds
 * @throws {ParameterError}
 */
export function parseTimeParameter(name: string, text: string): number {
  const seconds = parseFloatGo(text);
  if (seconds !== null && Number.isFinite(seconds)) return clampTime(Math.round(seconds * 1000));
  if (rfc3339.test(text)) {
    const timeMs = Date.parse(text);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  throw new ParameterError(
    name,
    `cannot parse ${JSON.stringify(text)} to a valid timestamp`,
    "Give Unix seconds, as in 1700000000.5, or RFC 3339, as in 2026-01-31T12:00:00Z",
  );
}

function clampTime(timeMs: number): number {
  return Math.max(-timeMaxMs, Math.min(timeMaxMs, timeMs));
}

/**
 * Reads a duration: seconds with fraction, or Prometheus' notation.
 * @returns milliseconds, rounded down
 * @throws {ParameterError}
 */
export function parseDurationParameter(name: string, text: string): number {
  const hint = "Give seconds, as in 15, or a duration, as in 1m30s";
  const seconds = parseFloatGo(text);
  if (seconds !== null && Number.isFinite(seconds)) {
    if (Math.abs(seconds) > timeMaxMs / 1000) {
      throw new ParameterError(
        name,
        `cannot parse ${JSON.stringify(text)} to a valid duration. It overflows int64`,
        hint,
      );
    }
    return Math.floor(seconds * 1000);
  }
  try {
    return parseDurationMs(text);
  } catch {
    throw new ParameterError(name, `cannot parse ${JSON.stringify(text)} to a valid duration`, hint);
  }
}

/** Writes a time as Prometheus' JSON does: seconds, with three decimals unless they are all zero. */
export function timestampText(timeMs: number): string {
  const sign = timeMs < 0 ? "-" : "";
  const absolute = Math.abs(timeMs);
  const fraction = absolute % 1000;
  const seconds = `${sign}${Math.floor(absolute / 1000)}`;
  return fraction === 0 ? seconds : `${seconds}.${String(fraction).padStart(3, "0")}`;
}

/** RFC 3339 with milliseconds, as Go marshals a time; the zero time of Go for `null`. */
export function rfc3339Text(timeMs: number | null): string {
  if (timeMs === null) return "0001-01-01T00:00:00Z";
  return new Date(timeMs).toISOString();
}
