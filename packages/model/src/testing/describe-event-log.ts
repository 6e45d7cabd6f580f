import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EventLog, type EventRange, eventLine, firstEventPrev, type LoggedEvent } from "../event-log.ts";

export interface EventLogUnderTest {
  readonly log: EventLog;
  close?(): Promise<void> | void;
}

/** What every EventLog promises. `open` is called for each test and gives an empty log. */
export function describeEventLog(name: string, open: () => Promise<EventLogUnderTest> | EventLogUnderTest): void {
  describe(`${name} as an EventLog`, () => {
    let subject: EventLogUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.log.close();
      await subject.close?.();
    });
    const read = (range?: EventRange): Promise<LoggedEvent[]> => readEvents(subject.log, range);

    test("begins empty", async () => {
      expect(subject.log.head()).toEqual({ seq: 0, hash: firstEventPrev });
      expect(await read()).toEqual([]);
    });

    test("gives each event its place, its time and the hash of the one before", async () => {
      const first = subject.log.append({ kind: "test.first", data: { a: 1, nested: { b: [null, "ü", true] } } });
      const second = subject.log.append({ kind: "test.second", data: {} });
      expect(first).toMatchObject({ seq: 1, prev: firstEventPrev, kind: "test.first" });
      expect(first.timeMs).toBeGreaterThan(0);
      expect(second).toMatchObject({ seq: 2, prev: sha256(eventLine(first)) });
      expect(subject.log.head()).toEqual({ seq: 2, hash: sha256(eventLine(second)) });
      expect(await read()).toEqual([first, second]);
    });

    test.each<{ range: EventRange; seqs: number[] }>([
      { range: {}, seqs: [1, 2, 3, 4, 5, 6] },
      { range: { fromSeq: 4 }, seqs: [4, 5, 6] },
      { range: { fromSeq: 2, limit: 2 }, seqs: [2, 3] },
      { range: { kindPrefix: "even." }, seqs: [2, 4, 6] },
      { range: { kindPrefix: "even.", fromSeq: 3, limit: 1 }, seqs: [4] },
      { range: { fromSeq: 7 }, seqs: [] },
      { range: { limit: 0 }, seqs: [] },
      { range: { kindPrefix: "none" }, seqs: [] },
    ])("reads $range", async ({ range, seqs }) => {
      for (let seq = 1; seq <= 6; seq++)
        subject.log.append({ kind: seq % 2 === 0 ? "even.x" : "odd.x", data: { seq } });
      expect((await read(range)).map((event) => event.seq)).toEqual(seqs);
    });

    test("reads a thousand events unless asked for more", async () => {
      for (let index = 0; index < 1005; index++) subject.log.append({ kind: "test", data: { index } });
      expect(await read()).toHaveLength(1000);
      expect(await read({ limit: 2000 })).toHaveLength(1005);
    });

    test("may be read while it is written", async () => {
      subject.log.append({ kind: "test", data: {} });
      const seqs: number[] = [];
      for await (const event of subject.log.read()) {
        seqs.push(event.seq);
        if (event.seq < 3) subject.log.append({ kind: "test", data: {} });
      }
      expect(seqs[0]).toBe(1);
      expect(subject.log.head().seq).toBeGreaterThan(1);
    });
  });
}

/** All events of a range, in memory. */
export async function readEvents(log: EventLog, range?: EventRange): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const event of log.read(range)) events.push(event);
  return events;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
