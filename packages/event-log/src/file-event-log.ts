import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import {
  type Clock,
  type EventLog,
  type EventRange,
  type Log,
  type LoggedEvent,
  type NewEvent,
  silentLog,
} from "@tatou/model";
import { type ChainHead, type ChainLink, linkEvent, parseEventLine } from "./chain.ts";
import { EventLogOpenError } from "./errors.ts";
import { recoverEventLog, type Segment } from "./recover.ts";
import { newSegmentFile, readLines, utcDay } from "./segment-files.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { selectEvents } from "./select-events.ts";
import { type Verification, verifyEventLog } from "./verify.ts";

export interface FileEventLogOptions {
  /** Made when it is not there. One process writes to it. */
  readonly directory: string;
  readonly clock: Clock;
  /** Hears of repairs, cuts and a full disk. */
  readonly log?: Log;
  /** A new file is begun at this size, and at every UTC day; default 64 MiB. */
  readonly segmentMaxBytes?: number;
  /** Whole files older than this go; default 90 days. */
  readonly retentionMs?: number;
  /** The oldest files go while all take more than this; default 1 GiB. */
  readonly retentionMaxBytes?: number;
}

/** Whether events reach the disk. */
export type EventLogHealth =
  | { readonly ok: true }
  /** Events wait in memory until the disk takes them; the newest are dropped when too many wait. */
  | { readonly ok: false; readonly problem: string; readonly waitingCount: number; readonly lostCount: number };

const segmentMaxBytesDefault = 64 * 1024 * 1024;
const retentionMsDefault = 90 * 24 * 3600 * 1000;
const retentionMaxBytesDefault = 1024 * 1024 * 1024;
/** Lines that wait for a full disk; beyond, new events are lost and counted. */
const waitingCountMax = 10_000;

/**
 * The event log on disk: one JSON line per event, chained by hash, in files by day and size. A line is written with one
 * call before `append` returns, so what was appended survives the end of the process; files are synced when they are done.
 */
export class FileEventLog implements EventLog {
  readonly #options: Required<FileEventLogOptions>;
  readonly #segments: Segment[];
  #head: ChainHead;
  /** Of the newest segment; undefined until something is written to it. */
  #writer: SegmentWriter | undefined;
  #waiting: ChainLink[] = [];
  /** Events that found no room: they keep their seq, and the chain goes on from the one before them. */
  #lost: { readonly firstSeq: number; readonly lastSeq: number } | undefined;
  #problem = "";
  /** Segments that a logged cut has taken out of the log. */
  readonly #doomed: Segment[] = [];

  /**
   * Opens the log behind what is there. A last line that was torn by a crash is cut, which is said and logged.
   * @throws {EventLogOpenError} the folder cannot be used
   */
  static async open(options: FileEventLogOptions): Promise<FileEventLog> {
    try {
      await mkdir(options.directory, { recursive: true });
      const { segments, head, repairs } = await recoverEventLog(options.directory);
      const log = new FileEventLog(options, segments, head);
      for (const repair of repairs) {
        (options.log ?? silentLog).warn(`Event log: ${repair.message}`);
        log.append({ kind: "log.repair", data: { file: repair.file, cutBytes: repair.cutBytes } });
      }
      log.#cutOld(options.clock.nowMs());
      log.#writeWaiting();
      return log;
    } catch (error) {
      throw new EventLogOpenError(options.directory, error);
    }
  }

  private constructor(options: FileEventLogOptions, segments: Segment[], head: ChainHead) {
    this.#options = {
      log: silentLog,
      segmentMaxBytes: segmentMaxBytesDefault,
      retentionMs: retentionMsDefault,
      retentionMaxBytes: retentionMaxBytesDefault,
      ...options,
    };
    this.#segments = segments;
    this.#head = head;
  }

  append(event: NewEvent): LoggedEvent {
    this.#writeWaiting();
    if (this.#lost !== undefined && this.#waiting.length === 0) this.#tellOfLost(this.#lost);
    const link = linkEvent(this.#head, event, this.#options.clock.nowMs());
    if (this.#lost === undefined && this.#waiting.length < waitingCountMax) this.#enqueue(link);
    else this.#lose(link);
    this.#writeWaiting();
    return link.event;
  }

  read(range: EventRange = {}): AsyncIterable<LoggedEvent> {
    return selectEvents(this.#readFrom(range.fromSeq ?? 1), range);
  }

  head(): ChainHead {
    return this.#head;
  }

  health(): EventLogHealth {
    if (this.#problem === "") return { ok: true };
    const lostCount = this.#lost === undefined ? 0 : this.#lost.lastSeq - this.#lost.firstSeq + 1;
    return { ok: false, problem: this.#problem, waitingCount: this.#waiting.length, lostCount };
  }

  /** Walks the chain on disk from its start. */
  verify(): Promise<Verification> {
    return verifyEventLog(this.#options.directory);
  }

  /** Writes what waits, if the disk takes it, and lets go of the file. */
  async close(): Promise<void> {
    this.#writeWaiting();
    this.#closeWriter();
  }

  /** Forgets the writer first: when its end fails, the next line must not go to a file that is closed. */
  #closeWriter(): void {
    const done = this.#writer;
    this.#writer = undefined;
    done?.close();
  }

  #enqueue(link: ChainLink): void {
    this.#head = link.head;
    this.#waiting.push(link);
  }

  #lose({ event }: ChainLink): void {
    this.#head = { seq: event.seq, hash: this.#head.hash };
    this.#lost = { firstSeq: this.#lost?.firstSeq ?? event.seq, lastSeq: event.seq };
  }

  #tellOfLost({ firstSeq, lastSeq }: { readonly firstSeq: number; readonly lastSeq: number }): void {
    this.#lost = undefined;
    this.#enqueue(
      linkEvent(this.#head, { kind: "log.lost", data: { firstSeq, lastSeq } }, this.#options.clock.nowMs()),
    );
  }

  /** Usually one line. After the disk was full, the lines that waited, a few at a time, until it is full again. */
  #writeWaiting(): void {
    const { log } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        const links = this.#waiting.slice(0, linesPerWrite);
        this.#writeLines(links);
        this.#waiting = this.#waiting.slice(links.length);
      }
      for (const { path } of this.#doomed.splice(0)) rmSync(path, { force: true });
      if (this.#problem !== "") log.info("Event log: events reach the disk again");
      this.#problem = "";
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#problem === "") log.error(`Event log: cannot write, events wait in memory: ${problem}`);
      this.#problem = problem;
    }
  }

  #writeLines(links: readonly ChainLink[]): void {
    const first = links[0]!.event;
    const segment = this.#segmentFor(first);
    this.#writer ??= SegmentWriter.open(segment.path, segment.sizeBytes);
    this.#writer.write(Buffer.from(links.map(({ line }) => `${line}\n`).join("")));
    segment.sizeBytes = this.#writer.sizeBytes;
  }

  /** The newest segment, or a new one when that is full or of another day. */
  #segmentFor(event: LoggedEvent): Segment {
    const newest = this.#segments.at(-1);
    const isOpen =
      newest !== undefined && newest.sizeBytes < this.#options.segmentMaxBytes && newest.day === utcDay(event.timeMs);
    if (isOpen) return newest;
    this.#closeWriter();
    const file = newSegmentFile(this.#options.directory, (newest?.number ?? 0) + 1, event.timeMs);
    this.#writer = SegmentWriter.open(file.path, 0);
    const segment = { ...file, firstSeq: event.seq, firstPrev: event.prev };
    this.#segments.push(segment);
    this.#cutOld(event.timeMs);
    return segment;
  }

  /**
   * Lets go of the oldest segments, never of the newest. The files are removed when the event that tells of the cut is on
   * disk: after a crash in between, the next process cuts again.
   */
  #cutOld(nowMs: number): void {
    const { retentionMs, retentionMaxBytes } = this.#options;
    const oldestDay = utcDay(nowMs - retentionMs);
    let totalBytes = this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
    let cutCount = 0;
    for (const segment of this.#segments.slice(0, -1)) {
      if (segment.day >= oldestDay && totalBytes <= retentionMaxBytes) break;
      totalBytes -= segment.sizeBytes;
      cutCount++;
    }
    if (cutCount === 0) return;
    const cut = this.#segments.splice(0, cutCount);
    const next = this.#segments[0]!;
    const data = { files: cut.map(({ name }) => name), lastSeq: next.firstSeq - 1, lastHash: next.firstPrev };
    this.#enqueue(linkEvent(this.#head, { kind: "log.cut", data }, nowMs));
    this.#doomed.push(...cut);
  }

  /** Events from the segment that holds `fromSeq` on, those that wait for the disk too, as of now. */
  async *#readFrom(fromSeq: number): AsyncIterable<LoggedEvent> {
    const first = Math.max(
      0,
      this.#segments.findLastIndex((segment) => segment.firstSeq <= fromSeq),
    );
    const segments = this.#segments.slice(first).map((segment) => ({ ...segment }));
    const waiting = this.#waiting;
    for (const segment of segments) yield* readSegment(segment);
    for (const { event } of waiting) yield event;
  }
}

const linesPerWrite = 100;

async function* readSegment({ path, sizeBytes }: Segment): AsyncIterable<LoggedEvent> {
  try {
    for await (const line of readLines(path, sizeBytes)) {
      const event = parseEventLine(line);
      if (event !== undefined) yield event;
    }
  } catch (error) {
    // A cut took the file while somebody read the ones before it.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
