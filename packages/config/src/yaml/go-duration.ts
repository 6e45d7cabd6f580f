const unitsMs = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/**
 * Reads a duration as Go's time.ParseDuration does ("1.5h", "1m30s"), rounded to whole milliseconds.
 * @throws {SyntaxError} with Go's wording
 */
export function parseGoDurationMs(written: string): number {
  if (written === "0") return 0;
  const whole = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(written);
  if (whole === null) throw new SyntaxError(`time: invalid duration ${JSON.stringify(written)}`);
  let totalMs = 0;
  for (const part of whole[2]!.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    totalMs += Number(part[1]) * unitsMs.get(part[2]!)!;
  return Math.round(whole[1] === "-" ? -totalMs : totalMs);
}
