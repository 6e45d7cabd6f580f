import { createHash } from "node:crypto";
import { eventLine, firstEventPrev, type LoggedEvent, type NewEvent } from "@tatou/model";

/** A place in the chain: the seq of an event and the hash of its line. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first event. */
export const chainStart: ChainHead = { seq: 0, hash: firstEventPrev };

/** An event in its place, with its line and the place it makes. */
export interface ChainLink {
  readonly event: LoggedEvent;
  readonly line: string;
  readonly head: ChainHead;
}

/** An event's data may take this much as JSON; larger data is replaced by its size, so that no line grows without limit. */
export const eventDataMaxBytes = 256 * 1024;

/** Puts an event behind a head. */
export function linkEvent(head: ChainHead, event: NewEvent, timeMs: number): ChainLink {
  const logged: LoggedEvent = {
    seq: head.seq + 1,
    timeMs: Math.round(timeMs),
    prev: head.hash,
    kind: event.kind,
    data: event.data,
  };
  const line = eventLine(logged);
  const sizeBytes = Buffer.byteLength(line);
  if (sizeBytes > eventDataMaxBytes)
    return linkEvent(head, { kind: event.kind, data: { omittedBytes: sizeBytes } }, timeMs);
  return { event: logged, line, head: { seq: logged.seq, hash: hashLine(line) } };
}

export function hashLine(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

/** The event of a line; undefined when the text is no line of an event log. */
export function parseEventLine(line: string): LoggedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { seq, time, prev, kind, data } = value as Record<string, unknown>;
  const isEvent =
    Number.isSafeInteger(seq) &&
    typeof time === "number" &&
    typeof prev === "string" &&
    typeof kind === "string" &&
    typeof data === "object" &&
    data !== null;
  return isEvent ? { seq: seq as number, timeMs: time, prev, kind, data: data as LoggedEvent["data"] } : undefined;
}
