const shortestMs = 2 * 3_600_000;
/** As many levels as Prometheus' compaction could ever have. */
const levelCount = 10;

/** How long imported blocks are: the longest of 2h, 6h, 18h, ... that the limit allows, so that compaction takes them as they are. */
export function importBlockDurationMs(limitMs: number): number {
  let durationMs = shortestMs;
  for (let level = 1; level < levelCount && durationMs * 3 <= limitMs; level++) durationMs *= 3;
  return durationMs;
}
