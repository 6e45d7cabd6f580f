/** Sizes and times as people read them. */

const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @param {number} sizeBytes */
export function sizeText(sizeBytes) {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  const isSmall = sizeBytes < 1024 * 1024;
  return isSmall ? `${(sizeBytes / 1024).toFixed(1)} KiB` : `${(sizeBytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** @param {string} isoTime */
export function timeText(isoTime) {
  return timeFormat.format(new Date(isoTime));
}

/**
 * @param {number} count
 * @param {string} noun in the singular
 */
export function countText(count, noun) {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count === 0 ? "no" : count} ${count === 1 ? noun : plural}`;
}
