import { labelsOf, makeMatcher } from "@tatou/model";
import { expect, test } from "vitest";
import { fingerprintOf } from "../alert/fingerprint.ts";
import { Memory } from "../testing/harness.ts";
import { Silences } from "./silences.ts";

const hourMs = 3_600_000;

function alert(instance: string) {
  const labels = labelsOf({ alertname: "A", instance });
  return { labels, fingerprint: fingerprintOf(labels) };
}

async function open(memory = new Memory()): Promise<Silences> {
  let count = 0;
  return Silences.open({ storage: memory, newId: () => `silence-${++count}` });
}

function request(pattern: string, startsAtMs: number, endsAtMs: number) {
  const matchers = [makeMatcher("instance", "=~", pattern)];
  return { matchers, startsAtMs, endsAtMs, createdBy: "me", comment: "", annotations: {} };
}

test("what was asked before is right after every change", async () => {
  const silences = await open();
  const [one, two] = [alert("1"), alert("2")];
  const mutes = (nowMs: number) => [one, two].map((asked) => silences.silencedBy(asked, nowMs).join());
  expect(mutes(0)).toEqual(["", ""]);
  const made = await silences.set(request("1", 0, hourMs), 0);
  expect(mutes(0)).toEqual(["silence-1", ""]);
  await silences.set(request("1|2", hourMs / 2, hourMs), 0);
  expect(mutes(0)).toEqual(["silence-1", ""]);
  expect(mutes(hourMs / 2)).toEqual(["silence-1,silence-2", "silence-2"]);
  // Other matchers end the old one and make a new one.
  await silences.set({ ...request("2", 0, hourMs), id: made.id }, 1);
  expect(mutes(2)).toEqual(["", "silence-3"]);
  await silences.expire("silence-3", 3);
  expect(mutes(4)).toEqual(["", ""]);
  expect(mutes(hourMs)).toEqual(["", ""]);
  await silences.sweep(200 * hourMs);
  expect(silences.all()).toEqual([]);
  expect(mutes(200 * hourMs)).toEqual(["", ""]);
});

test("a silence that cannot be stored does not count, an end that cannot be stored does", async () => {
  const memory = new Memory();
  const silences = await open(memory);
  await silences.set(request("1", 0, hourMs), 0);
  memory.save = () => Promise.reject(new Error("disk full"));
  await expect(silences.set(request("2", 0, hourMs), 0)).rejects.toThrow("disk full");
  expect(silences.silencedBy(alert("2"), 1)).toEqual([]);
  await expect(silences.expire("silence-1", 1)).rejects.toThrow("disk full");
  expect(silences.silencedBy(alert("1"), 2)).toEqual([]);
});

test.each([
  { reason: "database or disk is full", isFull: true, hint: "Free space" },
  { reason: "ENOSPC: no space left on device", isFull: true, hint: "Free space" },
  { reason: "database is locked", isFull: false, hint: "Read why in the log" },
])("why it cannot be stored is told: $reason", async ({ reason, isFull, hint }) => {
  const memory = new Memory();
  memory.save = () => Promise.reject(new Error(reason));
  await expect((await open(memory)).set(request("1", 0, hourMs), 0)).rejects.toMatchObject({
    code: "silence_storage",
    message: `Cannot store the silence: ${reason}, so that the silences stay as they were`,
    hint: expect.stringContaining(hint),
    isFull,
  });
});

test("an end that could not be stored is stored as soon as there is room", async () => {
  const memory = new Memory();
  const silences = await open(memory);
  await silences.set(request("1", 0, hourMs), 0);
  const save = memory.save.bind(memory);
  memory.save = () => Promise.reject(new Error("database or disk is full"));
  await expect(silences.expire("silence-1", 1)).rejects.toThrow("would go on after a restart");
  await expect(silences.sweep(2)).rejects.toThrow("disk is full");
  memory.save = save;
  await silences.sweep(3);
  expect((await open(memory)).silencedBy(alert("1"), 4)).toEqual([]);
});
