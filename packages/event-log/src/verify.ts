import type { LoggedEvent } from "@tatou/model";
import { hashLine, parseEventLine } from "./chain.ts";
import { listSegmentFiles, readLines } from "./segment-files.ts";

/** What walking the chain found: that it holds, or the first place where it does not. */
export type Verification =
  | { readonly ok: true; readonly firstSeq: number; readonly lastSeq: number; readonly hash: string }
  | { readonly ok: false; readonly file: string; readonly line: number; readonly problem: string };

/**
 * Walks the whole log in a folder: every line must be an event, follow the seq before it, and carry the hash of the line
 * before it. Two breaks are no problem because the log itself tells of them: a retention cut at the start
 * ("log.cut"), and events that a full disk did not take ("log.lost").
 */
export async function verifyEventLog(directory: string): Promise<Verification> {
  let first: { event: LoggedEvent; file: string } | undefined;
  let last: { event: LoggedEvent; hash: string } | undefined;
  let startIsExplained = false;
  for (const segment of await listSegmentFiles(directory)) {
    let line = 0;
    for await (const text of readLines(segment.path, segment.sizeBytes)) {
      line++;
      const event = parseEventLine(text);
      const problem = event === undefined ? "this line is no event" : problemBetween(last, event);
      if (event === undefined || problem !== undefined)
        return { ok: false, file: segment.name, line, problem: problem ?? "this line is no event" };
      first ??= { event, file: segment.name };
      startIsExplained ||= isCutBefore(event, first.event);
      last = { event, hash: hashLine(text) };
    }
  }
  if (first === undefined || last === undefined) return { ok: true, firstSeq: 0, lastSeq: 0, hash: "" };
  if (first.event.seq !== 1 && !startIsExplained)
    return {
      ok: false,
      file: first.file,
      line: 1,
      problem: `events before ${first.event.seq} are gone, and no cut was logged`,
    };
  return { ok: true, firstSeq: first.event.seq, lastSeq: last.event.seq, hash: last.hash };
}

function problemBetween(
  before: { event: LoggedEvent; hash: string } | undefined,
  event: LoggedEvent,
): string | undefined {
  if (before === undefined) return undefined;
  if (event.prev !== before.hash) return `the line before is not the one that event ${event.seq} was written after`;
  const expectedSeq = before.event.seq + 1;
  if (event.seq === expectedSeq) return undefined;
  if (event.kind === "log.lost" && event.data["firstSeq"] === expectedSeq && event.data["lastSeq"] === event.seq - 1)
    return undefined;
  return `event ${event.seq} follows event ${before.event.seq}`;
}

function isCutBefore(cut: LoggedEvent, first: LoggedEvent): boolean {
  return cut.kind === "log.cut" && cut.data["lastSeq"] === first.seq - 1 && cut.data["lastHash"] === first.prev;
}
