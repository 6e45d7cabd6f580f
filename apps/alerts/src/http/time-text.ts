/** A time as API v2 writes it: RFC 3339 with milliseconds, in UTC. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
