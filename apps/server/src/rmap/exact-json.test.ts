import { expect, test } from "vitest";
import { readJsonFields, stringField, u64Field } from "./exact-json.ts";

test.each([
  { text: '{"n":18446744073709551615}', value: 18_446_744_073_709_551_615n },
  { text: '{"n":9007199254740993}', value: 9_007_199_254_740_993n },
  { text: '{"n":0}', value: 0n },
  { text: ' {\n"a" : {"n":1,"b":[{"n":2}]} , "n"\t: 3 }\r\n', value: 3n },
  { text: '{"a":"\\"n\\":4,","n":5}', value: 5n },
  { text: '{"a":[1,{"x":"}]"}],"n":6,"z":null}', value: 6n },
  { text: '{"\\u006e":7}', value: 7n },
  { text: '{"n":18446744073709551616}', value: null },
  { text: '{"n":99999999999999999999}', value: null },
  { text: '{"n":100000000000000000000}', value: null },
  { text: '{"n":-1}', value: null },
  { text: '{"n":-0}', value: null },
  { text: '{"n":1.0}', value: null },
  { text: '{"n":1e0}', value: null },
  { text: '{"n":1E2}', value: null },
  { text: '{"n":true}', value: null },
  { text: '{"n":null}', value: null },
  { text: '{"n":"1"}', value: null },
  { text: '{"n":[1]}', value: null },
  { text: '{"n":{"n":1}}', value: null },
  { text: '{"a":{"n":1}}', value: null },
  { text: "{}", value: null },
])("$text holds $value", ({ text, value }) => {
  const fields = readJsonFields(text);
  expect(fields).not.toBeNull();
  expect(u64Field(fields!, "n")).toBe(value);
});

test.each(["", "1", "[]", "null", '"n"', "{", '{"n":01}', '{"n":1,}', "{'n':1}", '{"n":1}x', '{"n":1,"n":1}', "{n:1}"])(
  "%j is no object with fields",
  (text) => {
    expect(readJsonFields(text)).toBeNull();
  },
);

test("texts are read with their escapes", () => {
  const fields = readJsonFields('{"a":"x\\n\\u00e9\\"","b":1,"c":{"d":"e"}}')!;
  expect([stringField(fields, "a"), stringField(fields, "b"), stringField(fields, "c")]).toEqual(['x\né"', null, null]);
});

test("a thousand levels are no burden", () => {
  const deep = `{"a":${"[".repeat(1_900)}${"]".repeat(1_900)},"n":8}`;
  expect(u64Field(readJsonFields(deep)!, "n")).toBe(8n);
});
