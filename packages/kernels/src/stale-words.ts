/** The staleness marker as two words of a float64, 0x7ff0000000000002. */
export const staleHigh = 0x7ff00000;
export const staleLow = 2;

export function isStaleWords(high: number, low: number): boolean {
  return low === staleLow && high === staleHigh;
}
