import { expect, test } from "vitest";
import { accepts, formatMatcher, makeMatcher } from "./matcher.ts";

test.each([
  { operator: "=", value: "a", accepted: ["a"], refused: ["", "b"], text: 'job="a"' },
  { operator: "!=", value: "a", accepted: ["", "b"], refused: ["a"], text: 'job!="a"' },
  { operator: "=~", value: "a.*|", accepted: ["a", "ab", ""], refused: ["ba"], text: 'job=~"a.*|"' },
  { operator: "!~", value: 'a"', accepted: ["a"], refused: ['a"'], text: 'job!~"a\\""' },
] as const)("$text", ({ operator, value, accepted, refused, text }) => {
  const matcher = makeMatcher("job", operator, value);
  expect(accepted.map((each) => accepts(matcher, each))).toEqual(accepted.map(() => true));
  expect(refused.map((each) => accepts(matcher, each))).toEqual(refused.map(() => false));
  expect(formatMatcher(matcher)).toBe(text);
});
