import { expect, test } from "vitest";
import { deathReason, messageForPeople, RepeatFilter } from "./output-line.ts";

test.each([
  { line: '{"level":30,"time":1,"msg":"The engine listens"}', shown: null },
  { line: '{"level":40,"time":1,"msg":"Cannot reach inbox"}', shown: "Cannot reach inbox" },
  { line: '{"level":50,"msg":"Failed","err":{"message":"no space left"}}', shown: "Failed: no space left" },
  { line: '{"level":"warn","msg":"security event","reason":"bad_login"}', shown: null },
  { line: '{"level":"warn","msg":"SECRET_KEY is a published default"}', shown: "SECRET_KEY is a published default" },
  { line: "plain text", shown: "plain text" },
  { line: '{"level":40, torn', shown: '{"level":40, torn' },
  { line: "", shown: null },
])("of $line people see $shown", ({ line, shown }) => {
  expect(messageForPeople(line)).toBe(shown);
});

test.each([
  { what: "nothing written", lines: [], reason: null },
  {
    what: "an exception",
    lines: [
      "file:///x.js:1",
      "    throw new TypeError()",
      "    ^",
      "",
      "TypeError: boom",
      "    at f (x.js:1:2)",
      "Node.js v20.19.0",
    ],
    reason: "TypeError: boom",
  },
  {
    what: "no memory left",
    lines: [
      "<--- Last few GCs --->",
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    ],
    reason: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  },
  {
    what: "words of ours",
    lines: ["Cannot listen on x: taken", "  Choose another"],
    reason: "Cannot listen on x: taken",
  },
])("why it died: $what", ({ lines, reason }) => {
  expect(deathReason(lines)).toBe(reason);
});

test("the same message is shown again after ten minutes, and not before", () => {
  const filter = new RepeatFilter();
  expect(filter.isNews("down", 0)).toBe(true);
  expect(filter.isNews("other", 1)).toBe(true);
  expect(filter.isNews("down", 599_999)).toBe(false);
  expect(filter.isNews("down", 600_000)).toBe(true);
});

test("what was said is remembered up to a limit", () => {
  const filter = new RepeatFilter();
  for (let count = 0; count <= 200; count++) filter.isNews(`message ${count}`, 0);
  expect(filter.isNews("message 200", 1)).toBe(false);
  expect(filter.isNews("message 0", 1)).toBe(true);
});
