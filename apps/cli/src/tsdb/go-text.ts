/** Texts to the letter as Go's standard library prints them, for outputs that people compare with promtool's. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** As time.Duration prints: 2h0m0s, 1m30s, 1.5s, 12ms, 0s. */
export function goDurationText(durationMs: number): string {
  if (durationMs === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  const sizeMs = Math.abs(durationMs);
  if (sizeMs < 1000) return `${sign}${sizeMs}ms`;
  const hours = Math.floor(sizeMs / hourMs);
  const minutes = Math.floor((sizeMs % hourMs) / minuteMs);
  const seconds = `${(sizeMs % minuteMs) / 1000}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** As time.Time in UTC prints whole seconds: 2026-01-05 08:00:00 +0000 UTC. */
export function goTimeText(timeMs: number): string {
  const text = new Date(Math.floor(timeMs / 1000) * 1000).toISOString();
  return `${text.slice(0, 19).replace("T", " ")} +0000 UTC`;
}
