import { assert, integer, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { evaluationSlotMs } from "./evaluation-slot.ts";

test("a slot is at or before the time, less than an interval away, and the same all through it", () => {
  const group = record({
    file: string(),
    name: string(),
    intervalMs: integer({ min: 1, max: 86_400_000 }),
  });
  assert(
    property(group, integer({ min: 86_400_000, max: 4e12 }), (schedule, timeMs) => {
      const slotMs = evaluationSlotMs(schedule, timeMs);
      expect(slotMs).toBeLessThanOrEqual(timeMs);
      expect(timeMs - slotMs).toBeLessThan(schedule.intervalMs);
      expect(evaluationSlotMs(schedule, slotMs)).toBe(slotMs);
      expect(evaluationSlotMs(schedule, slotMs + schedule.intervalMs - 1)).toBe(slotMs);
      expect(evaluationSlotMs(schedule, slotMs + schedule.intervalMs)).toBe(slotMs + schedule.intervalMs);
    }),
  );
});

test("groups spread over the interval", () => {
  const offsets = Array.from(
    { length: 100 },
    (_, index) =>
      Math.floor(evaluationSlotMs({ file: "r.yml", name: `group ${index}`, intervalMs: 10_000 }, 20_000) / 1000) % 10,
  );
  expect(new Set(offsets).size).toBe(10);
});
