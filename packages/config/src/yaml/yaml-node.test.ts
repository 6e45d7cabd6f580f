import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { ConfigSource } from "./config-source.ts";
import { parseYaml, type YamlNode } from "./yaml-node.ts";

function parse(text: string): unknown {
  const source = new ConfigSource("file.yml", text);
  const node = parseYaml(text, source);
  source.throwFaults();
  return plain(node!);
}

function plain(node: YamlNode): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "scalar":
      return node.text;
    case "list":
      return node.items.map(plain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
  }
}

function failureOf(text: string): ConfigError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

test.each([
  { text: "", tree: null },
  { text: "# nothing\n", tree: null },
  { text: "---\na: 1\n...\n", tree: { a: "1" } },
  { text: "a: 1.10\nb: ~\nc:\nd: '~'\ne: 0x10\n", tree: { a: "1.10", b: null, c: null, d: "~", e: "0x10" } },
  { text: "a: &x [1, *y]\n".replace(", *y", ""), tree: { a: ["1"] } },
  { text: "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", tree: { a: { b: "1", c: "2" }, d: { b: "1", c: "3" } } },
  { text: "a: !!str 1\n", tree: { a: "1" } },
  { text: "1: a\ntrue: b\n", tree: { "1": "a", true: "b" } },
])("reads $text", ({ text, tree }) => {
  expect(parse(text)).toEqual(tree);
});

test.each([
  { text: "a: 1\nb: 2\na: 3\n", line: 3, column: 1, message: 'key "a" already set in map' },
  { text: "a: [1\nb: 2\n", line: 2, column: 1, message: "Cannot read file.yml: " },
  { text: "a:\n\tb: 1\n", line: 2, column: 1, message: "Cannot read file.yml: " },
  { text: "a: *x\n", line: 1, column: 4, message: "x" },
  { text: "a: !!binary /w==\n", line: 1, column: 13, message: "unsupported tag" },
  { text: "a: 1\n---\nb: 1\n", line: 2, column: 1, message: "found a second document" },
  { text: "? [a]\n: 1\n", line: 1, column: 3, message: "expected a text as key" },
  { text: "<<: 1\n", line: 1, column: 5, message: "map merge requires map" },
])("refuses $text", ({ text, line, column, message }) => {
  const error = failureOf(text);
  expect(error.message).toContain(message);
  expect(error.position).toEqual({ file: "file.yml", line, column });
});

test("an alias bomb ends at a limit, and so do cycles, depth and length", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let index = 1; index < 12; index++)
    bomb.push(`a${index}: &a${index} [${Array.from({ length: 10 }, () => `*a${index - 1}`).join(", ")}]`);
  expect(failureOf(bomb.join("\n")).message).toContain("more than 500000 values");
  expect(failureOf("a: &a [*a]\n").message).toContain("nested deeper than 100 levels");
  expect(failureOf("[".repeat(200) + "]".repeat(200)).message).toContain("nested deeper than 100 levels");
  for (const sign of ["[", "{", "- ", "? ", "[{a: "])
    expect(failureOf(sign.repeat(100_000)).message).toContain("nested deeper than 100 levels");
  expect(failureOf("- \n".repeat(300_000)).message).toContain("keys, values and signs");
  expect(failureOf(`a: ${"x".repeat(9_000_000)}`).message).toContain("characters, expected at most");
}, 60_000);

test("a map of many keys is read in linear time", () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`);
  expect(Object.keys(parse(lines.join("\n")) as object)).toHaveLength(20_000);
});
