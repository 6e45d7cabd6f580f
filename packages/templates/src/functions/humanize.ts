/** Numbers for people, as Prometheus writes them: four significant digits and a prefix. */
import { parseFloatGo } from "@tatou/kernels";
import { quote } from "@tatou/model";
import { sprintf } from "../format/printer.ts";
import { formatGoTime } from "../values/go-time.ts";
import { type GoTime, type GoValue, goTime, typeNameOf } from "../values/go-value.ts";

const textLengthMax = 1000;

/** A number, a text that is one, or a duration in seconds. @throws {Error} it is none of these */
export function toFloat(value: GoValue): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "object" && value?.kind === "duration") return value.durationMs / 1000;
  if (typeof value !== "string") throw new Error(`can't convert ${typeNameOf(value)} to float`);
  const parsed = parseFloatGo(value);
  if (parsed === null) throw new Error(`strconv.ParseFloat: parsing ${quote(value)}: invalid syntax`);
  return parsed;
}

const largePrefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const smallPrefixes = ["", "m", "u", "n", "p", "f", "a", "z", "y"];
const binaryPrefixes = ["", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/** 1234 is 1.234k, 0.001 is 1m. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return fourDigits(value);
  return Math.abs(value) >= 1 ? scaledDown(value, 1000, largePrefixes) : scaledUp(value);
}

/** 2048 is 2ki. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return fourDigits(value);
  return scaledDown(value, 1024, binaryPrefixes);
}

/** 0.25 is 25%. */
export function humanizePercentage(value: number): string {
  return `${fourDigits(value * 100)}%`;
}

/** Seconds: 3723 is 1h 2m 3s, 0.001 is 1ms. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return fourDigits(seconds);
  if (seconds === 0) return `${fourDigits(seconds)}s`;
  if (Math.abs(seconds) < 1) return `${scaledUp(seconds)}s`;
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const whole = Math.trunc(size);
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const restText = `${whole % 60}s`;
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${restText}`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${restText}`;
  if (minutes !== 0) return `${sign}${minutes}m ${restText}`;
  return `${sign}${fourDigits(size)}s`;
}

/** Seconds since 1970: 0 is 1970-01-01 00:00:00 +0000 UTC. */
export function humanizeTimestamp(seconds: number): string {
  return Number.isFinite(seconds) ? formatGoTime(toTime(seconds)) : fourDigits(seconds);
}

/** Seconds since 1970 as a time, cut to milliseconds. @throws {Error} it is no time that nanoseconds can count */
export function toTime(seconds: number): GoTime {
  if (!Number.isFinite(seconds)) throw new Error("value is NaN or Inf");
  if (Math.abs(seconds * 1e9) > nanosecondsMax)
    throw new Error(`${fullDigits(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64`);
  return goTime(Math.trunc(Math.trunc(seconds * 1e9) / 1e6));
}

const nanosecondsMax = 2 ** 63;

function scaledDown(value: number, base: number, prefixes: readonly string[]): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) >= base && step < prefixes.length - 1) {
    scaled /= base;
    step++;
  }
  return fourDigits(scaled) + prefixes[step]!;
}

function scaledUp(value: number): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) < 1 && step < smallPrefixes.length - 1) {
    scaled *= 1000;
    step++;
  }
  return fourDigits(scaled) + smallPrefixes[step]!;
}

function fourDigits(value: number): string {
  return sprintf("%.4g", [value], textLengthMax);
}

function fullDigits(value: number): string {
  return sprintf("%v", [value], textLengthMax);
}
