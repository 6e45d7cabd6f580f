/**
 * Seam 3: each process keeps one append-only log of what it did. `why`, ledger, backtest and incident pages only read
 * it. Every event carries the hash of the one before, so a gap or an edit shows.
 */
export interface EventLog {
  /** Appends one event; seq, time and hash are the log's. Never throws for a full disk: see `health`. */
  append(event: NewEvent): LoggedEvent;
  /** Events in order of seq. */
  read(range?: EventRange): AsyncIterable<LoggedEvent>;
  /** The newest event's place in the chain; quoted in notifications. */
  head(): { readonly seq: number; readonly hash: string };
  close(): Promise<void>;
}

/** What happened; `kind` is dotted: "rule.state", "notify.attempt", "config.reload", "target.state", "silence.set". */
export interface NewEvent {
  readonly kind: string;
  /** JSON values only; no secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface LoggedEvent extends NewEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly timeMs: number;
  /** Hash of the event before; 64 zeros for the first. */
  readonly prev: string;
}

export interface EventRange {
  /** First seq wanted; default 1. */
  readonly fromSeq?: number;
  /** At most so many; default 1000. */
  readonly limit?: number;
  /** Only kinds that start so. */
  readonly kindPrefix?: string;
}

export const firstEventPrev = "0".repeat(64);

/** One line of the log as it stands on disk, without the line break. Key order is fixed: the hash is over this text. */
export function eventLine(event: LoggedEvent): string {
  return JSON.stringify({
    seq: event.seq,
    time: event.timeMs,
    prev: event.prev,
    kind: event.kind,
    data: event.data,
  });
}
