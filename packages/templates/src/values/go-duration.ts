import { formatFloatF } from "@tatou/kernels";
import { type GoDuration, type GoFunction, type GoValue, goDuration, goFunction } from "./go-value.ts";

/** As Go's Duration.String: 1h2m3.5s, 1.5ms, 0s. */
export function formatGoDuration(duration: GoDuration): string {
  const sign = duration.durationMs < 0 ? "-" : "";
  const sizeMs = Math.abs(duration.durationMs);
  if (sizeMs === 0) return "0s";
  if (sizeMs < 0.001) return `${sign}${formatFloatF(Math.round(sizeMs * 1e6))}ns`;
  if (sizeMs < 1) return `${sign}${decimal(sizeMs * 1000, 3)}µs`;
  if (sizeMs < 1000) return `${sign}${decimal(sizeMs, 6)}ms`;
  const hours = Math.floor(sizeMs / 3_600_000);
  const minutes = Math.floor(sizeMs / 60_000) % 60;
  const seconds = `${decimal((sizeMs % 60_000) / 1000, 9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

function decimal(value: number, fractionDigitCountMax: number): string {
  return value.toFixed(fractionDigitCountMax).replace(/\.?0+$/, "");
}

/** The methods templates may call on a duration. */
export const durationMethods: ReadonlyMap<string, (duration: GoDuration) => GoFunction> = new Map([
  ["String", getter((duration) => formatGoDuration(duration))],
  ["Hours", getter((duration) => duration.durationMs / 3_600_000)],
  ["Minutes", getter((duration) => duration.durationMs / 60_000)],
  ["Seconds", getter((duration) => duration.durationMs / 1000)],
  ["Milliseconds", getter((duration) => BigInt(Math.trunc(duration.durationMs)))],
  ["Abs", getter((duration) => goDuration(Math.abs(duration.durationMs)))],
  ["Round", rounding(Math.round)],
  ["Truncate", rounding(Math.trunc)],
]);

function getter(compute: (duration: GoDuration) => GoValue) {
  return (duration: GoDuration) => goFunction([], () => compute(duration));
}

function rounding(toWhole: (ratio: number) => number) {
  return ({ durationMs }: GoDuration) =>
    goFunction(["time.Duration"], ([unit]) => {
      const unitMs = (unit as GoDuration).durationMs;
      return goDuration(unitMs > 0 ? toWhole(durationMs / unitMs) * unitMs : durationMs);
    });
}
