import { VirtualClock } from "@tatou/model";
import { beforeEach, expect, test } from "vitest";
import { RmapSessions } from "./rmap-sessions.ts";

const lifetimeMs = 120_000;
const ann = { identity: "Ann", clientIp: "192.0.2.1" };

let clock: VirtualClock;
let sessions: RmapSessions;

beforeEach(() => {
  clock = new VirtualClock(0);
  sessions = new RmapSessions(lifetimeMs, () => clock.nowMs());
});

test("a session is found by its number until its time is over", async () => {
  const session = sessions.begin(5n, ann);
  await clock.advanceTo(lifetimeMs - 1);
  expect(sessions.find(session.nonceServer)).toMatchObject({
    kind: "pending",
    session: { nonceClient: 5n, identity: "Ann" },
  });
  await clock.advanceTo(lifetimeMs);
  expect(sessions.find(session.nonceServer)).toEqual({ kind: "unknown" });
  expect(sessions.pendingCount).toBe(0);
});

test("a used number is a replay for ten minutes, and unknown afterwards", async () => {
  const session = sessions.begin(5n, ann);
  sessions.consume(session);
  expect(sessions.find(session.nonceServer)).toEqual({ kind: "replayed" });
  await clock.advanceTo(599_999);
  expect(sessions.find(session.nonceServer)).toEqual({ kind: "replayed" });
  await clock.advanceTo(600_000);
  expect(sessions.find(session.nonceServer)).toEqual({ kind: "unknown" });
});

test("a ninth session of one identity from one address ends its oldest, and no other", () => {
  const other = sessions.begin(1n, { ...ann, clientIp: "192.0.2.2" });
  const namesake = sessions.begin(1n, { ...ann, identity: "Bob" });
  const own = Array.from({ length: 9 }, () => sessions.begin(1n, ann));
  const kinds = [...own, other, namesake].map(({ nonceServer }) => sessions.find(nonceServer).kind);
  expect(kinds).toEqual(["unknown", ...Array.from({ length: 10 }, () => "pending")]);
});

test("1024 sessions are the most, and the oldest of all makes room", () => {
  const first = sessions.begin(1n, { identity: "Ann", clientIp: "client 0" });
  for (let index = 1; index < 1_024; index++) sessions.begin(1n, { identity: "Ann", clientIp: `client ${index}` });
  expect(sessions.find(first.nonceServer).kind).toBe("pending");
  sessions.begin(1n, { identity: "Ann", clientIp: "client 1024" });
  expect(sessions.pendingCount).toBe(1_024);
  expect(sessions.find(first.nonceServer).kind).toBe("unknown");
});

test("the server's numbers use all 64 bits and do not repeat", () => {
  const numbers = Array.from(
    { length: 1_000 },
    (_, index) => sessions.begin(1n, { ...ann, clientIp: `${index}` }).nonceServer,
  );
  expect(new Set(numbers).size).toBe(1_000);
  expect(numbers.reduce((all, number) => all | number, 0n)).toBe(2n ** 64n - 1n);
});
