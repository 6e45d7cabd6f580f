import { formatMatcher, RegexSyntaxError } from "@tatou/model";
import { expect, test } from "vitest";
import { AlertMatcherSyntaxError, parseAlertMatchers } from "./parse-alert-matchers.ts";

test.each([
  { text: "a=b", matchers: ['a="b"'] },
  { text: " a != b , c=~d.*,e !~ f ", matchers: ['a!="b"', 'c=~"d.*"', 'e!~"f"'] },
  { text: '{a="b", c="d",}', matchers: ['a="b"', 'c="d"'] },
  { text: 'severity=~"high|critical"', matchers: ['severity=~"high|critical"'] },
  { text: 'a="x, y"', matchers: ['a="x, y"'] },
  { text: 'a="q\\"q\\n\\\\"', matchers: ['a="q\\"q\\n\\\\"'] },
  { text: "a==", matchers: ['a="="'] },
  { text: "a=", matchers: ['a=""'] },
  { text: 'a=""', matchers: ['a=""'] },
  { text: "a=b c", matchers: ['a="b c"'] },
  { text: "", matchers: [] },
  { text: "{}", matchers: [] },
  { text: "möbel=rot", matchers: ['möbel="rot"'] },
  { text: '"a b"="c"', matchers: ['a b="c"'] },
  { text: '{"a\\u00e9"=x,}', matchers: ['aé="x"'] },
  { text: "a🙂=🙂", matchers: ['a🙂="🙂"'] },
])("reads $text", ({ text, matchers }) => {
  expect(parseAlertMatchers(text).map(formatMatcher)).toEqual(matchers);
});

test.each(["a", "=b", '"a"', '"a"=', '{"ä"=b', '"ä"=b}', 'ä="b', 'ä="\\q"', '"ä"=b "ö"=c', ",", 'a="b"c"'])(
  "refuses %s",
  (text) => {
    expect(() => parseAlertMatchers(text)).toThrow(AlertMatcherSyntaxError);
  },
);

test("an expression that is none is told as such", () => {
  expect(() => parseAlertMatchers('a=~"("')).toThrow(RegexSyntaxError);
});
