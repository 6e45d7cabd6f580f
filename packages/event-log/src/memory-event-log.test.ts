import { VirtualClock } from "@tatou/model";
import { describeEventLog, readEvents } from "@tatou/model/testing";
import { expect, test } from "vitest";
import { MemoryEventLog } from "./memory-event-log.ts";

describeEventLog("MemoryEventLog", () => ({ log: new MemoryEventLog({ clock: new VirtualClock(1_700_000_000_000) }) }));

test("forgets the oldest events and goes on counting", async () => {
  const log = new MemoryEventLog({ clock: new VirtualClock(), eventsMax: 100 });
  for (let index = 0; index < 1000; index++) log.append({ kind: "test", data: {} });
  const events = await readEvents(log);
  expect(events).toHaveLength(100);
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => 901 + index));
  expect(log.head().seq).toBe(1000);
});
