import { formatNumber } from "./format-number.ts";
import { type Unit, unitOf } from "./units.ts";

export interface ValueFormatOptions {
  readonly decimals?: number;
  /** For units such as "dateTimeFromNow". */
  readonly nowMs?: number;
  /** Writes a moment; UTC in ISO form unless told. */
  readonly formatMoment?: (timeMs: number) => string;
}

/** A value in its unit, as short as reads well: formatValue(1536, "bytes") is "1.5 KiB". */
export function formatValue(value: number, unitName: string, options: ValueFormatOptions = {}): string {
  const unit = unitOf(unitName);
  if (!Number.isFinite(value) && unit.kind !== "boolean") return formatNumber(value);
  return formatInUnit(value, unit, options);
}

function formatInUnit(value: number, unit: Unit, options: ValueFormatOptions): string {
  const { decimals } = options;
  switch (unit.kind) {
    case "plain":
      return `${formatPlain(value, decimals)}${unit.suffix}`;
    case "prefixed":
      return value < 0
        ? `-${unit.prefix}${formatPlain(-value, decimals)}`
        : `${unit.prefix}${formatPlain(value, decimals)}`;
    case "percent":
      return `${formatNumber(value * unit.factor, decimals)}%`;
    case "scaled":
      return formatScaled(value, unit, decimals);
    case "duration":
      return formatDuration(value * unit.unitSeconds, decimals);
    case "elapsed":
      return formatElapsed(value * unit.unitSeconds);
    case "moment":
      return formatMoment(value, unit.style, options);
    case "boolean":
      return unit.words[value === 0 ? 0 : 1];
    case "scientific":
      return value.toExponential(decimals ?? 2);
    case "hexadecimal":
      return `0x${Math.round(value).toString(16).toUpperCase()}`;
    case "text":
      return String(value);
  }
}

/** Whole numbers in full, with thin groups from ten thousand on; others with three significant digits. */
function formatPlain(value: number, decimals: number | undefined): string {
  const text =
    Number.isInteger(value) && decimals === undefined && Math.abs(value) < 1e15
      ? String(value)
      : formatNumber(value, decimals);
  const match = /^(-?)(\d{5,})(\.\d+)?$/.exec(text);
  if (match === null) return text;
  return `${match[1]}${(match[2] ?? "").replaceAll(/\B(?=(?:\d{3})+$)/g, ",")}${match[3] ?? ""}`;
}

function formatScaled(value: number, unit: Extract<Unit, { kind: "scaled" }>, decimals: number | undefined): string {
  let scaled = value;
  let index = unit.start;
  while (Math.abs(scaled) >= unit.base && index < unit.suffixes.length - 1) {
    scaled /= unit.base;
    index++;
  }
  while (scaled !== 0 && Math.abs(scaled) < 1 && index > 0) {
    scaled *= unit.base;
    index--;
  }
  return `${formatNumber(scaled, decimals)}${unit.suffixes[index] ?? ""}`;
}

const durationSteps = [
  [1e-9, " ns"],
  [1e-6, " µs"],
  [1e-3, " ms"],
  [1, " s"],
  [60, " min"],
  [3600, " h"],
  [86_400, " days"],
  [604_800, " weeks"],
  [31_536_000, " years"],
] as const;

function formatDuration(seconds: number, decimals: number | undefined): string {
  if (seconds === 0) return `${formatNumber(0, decimals)} s`;
  let [sizeSeconds, suffix]: readonly [number, string] = durationSteps[0];
  for (const step of durationSteps) if (Math.abs(seconds) >= step[0]) [sizeSeconds, suffix] = step;
  return `${formatNumber(seconds / sizeSeconds, decimals)}${suffix}`;
}

const elapsedUnits = [
  ["y", 31_536_000],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** The two largest units: "4d 3h"; below a second in milliseconds. */
function formatElapsed(seconds: number): string {
  if (seconds < 0) return `-${formatElapsed(-seconds)}`;
  if (seconds > 0 && seconds < 1) return `${formatNumber(seconds * 1000)}ms`;
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [name, unitSeconds] of elapsedUnits) {
    const count = Math.floor(left / unitSeconds);
    left -= count * unitSeconds;
    if (count > 0) parts.push(`${count}${name}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0s" : parts.join(" ");
}

function formatMoment(timeMs: number, style: "iso" | "dateOnly" | "fromNow", options: ValueFormatOptions): string {
  if (Math.abs(timeMs) > dateMaxMs) return formatNumber(timeMs);
  if (style === "fromNow" && options.nowMs !== undefined) {
    const distanceSeconds = (options.nowMs - timeMs) / 1000;
    return distanceSeconds < 0 ? `in ${formatElapsed(-distanceSeconds)}` : `${formatElapsed(distanceSeconds)} ago`;
  }
  if (options.formatMoment !== undefined) return options.formatMoment(timeMs);
  const iso = new Date(timeMs).toISOString();
  return style === "dateOnly" ? iso.slice(0, 10) : iso.slice(0, 19).replace("T", " ");
}

/** The largest time that a Date holds. */
const dateMaxMs = 8.64e15;
