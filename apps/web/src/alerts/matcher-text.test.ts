import { expect, test } from "vitest";
import { matcherText, parseMatcherText } from "./matcher-text.ts";

test.each([
  { text: 'severity="high"', matcher: { name: "severity", value: "high", isRegex: false, isEqual: true } },
  {
    text: 'severity=~"high|critical"',
    matcher: { name: "severity", value: "high|critical", isRegex: true, isEqual: true },
  },
  { text: 'client_ip!="a\\"b"', matcher: { name: "client_ip", value: 'a"b', isRegex: false, isEqual: false } },
  { text: '"my label"!~"x.*"', matcher: { name: "my label", value: "x.*", isRegex: true, isEqual: false } },
])("$text is read and written", ({ text, matcher }) => {
  expect(parseMatcherText(text)).toEqual(matcher);
  expect(matcherText(matcher)).toBe(text);
});

test("quotes may be left out", () => {
  expect(parseMatcherText(" alertname = TargetDown ")).toEqual({
    name: "alertname",
    value: "TargetDown",
    isRegex: false,
    isEqual: true,
  });
});

test.each(["", "severity", "=x"])("%j is no matcher", (text) => {
  expect(parseMatcherText(text)).toBeNull();
});
