import { expect, test } from "vitest";
import { fillTemplate, parseTemplate, VariableError, type VariableValues } from "./variables.ts";

const values: VariableValues = {
  n: 7,
  source: "127.0.0.2",
  run: "r1",
  random: (digitCount) => "f".repeat(digitCount),
  token: (user) => `token of ${user}`,
  email: (user) => `${user}@x`,
  password: (user) => `password of ${user}`,
  kept: (name) => `kept ${name}`,
};

test.each([
  { text: "", filled: "" },
  { text: "plain $n {n} $$", filled: "plain $n {n} $$" },
  { text: "a${n}b${n}", filled: "a7b7" },
  { text: "${source} ${run} ${random:4}", filled: "127.0.0.2 r1 ffff" },
  { text: "${token:a-1} ${email:a} ${password:a} ${kept:doc}", filled: "token of a-1 a@x password of a kept doc" },
  { text: "$${jndi:ldap://x} ${n}", filled: "${jndi:ldap://x} 7" },
])("fills $text", ({ text, filled }) => {
  expect(fillTemplate(parseTemplate(text), values)).toBe(filled);
});

test.each([
  { text: "ab${m}", variable: "m", at: 2, message: "no such variable" },
  { text: "${n", variable: "n", at: 0, message: "does not end" },
  { text: "${n:1}", variable: "n:1", at: 0, message: "nothing behind a colon" },
  { text: "${random}", variable: "random", at: 0, message: "1 to 64 digits" },
  { text: "${random:65}", variable: "random:65", at: 0, message: "1 to 64 digits" },
  { text: "${token}", variable: "token", at: 0, message: "token:mallory" },
  { text: "${kept:A b}", variable: "kept:A b", at: 0, message: "kept:mallory" },
  { text: "${__proto__}", variable: "__proto__", at: 0, message: "no such variable" },
])("refuses $text", ({ text, variable, at, message }) => {
  const parse = (): unknown => parseTemplate(text);
  expect(parse).toThrow(VariableError);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ variable, at }));
});
