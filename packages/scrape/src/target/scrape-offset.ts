/**
 * Targets are scraped in slots, so that those of one slot share a wake-up of the program, which is a good part of what a
 * scrape costs. A slot is short beside the interval: the load stays even.
 */
const slotsPerInterval = 20;
const slotMaxMs = 250;

/**
 * When in its interval a target is scraped: always at the same point, spread over targets by a hash, so that load is
 * even and a restart does not shift the times.
 * @returns from 0, below intervalMs, in whole milliseconds
 */
export function scrapeOffsetMs(targetKey: string, intervalMs: number): number {
  const slotMs = Math.max(1, Math.min(slotMaxMs, Math.floor(intervalMs / slotsPerInterval)));
  const slotCount = Math.max(1, Math.floor(intervalMs / slotMs));
  return (fnv1a(targetKey) % slotCount) * slotMs;
}

/** The first time at or after `nowMs` that lies on the target's grid. */
export function nextScrapeMs(nowMs: number, intervalMs: number, offsetMs: number): number {
  return Math.ceil((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

/** FNV-1a of 32 bits over UTF-16 units: short, and even enough to spread targets. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // The low bits of FNV vary least between texts that differ at the end; fold the high ones in.
  return (hash ^ (hash >>> 15)) >>> 0;
}
