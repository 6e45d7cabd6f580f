import { expect, test } from "vitest";
import { formatFloatF, formatFloatG, formatFloatJson, parseFloatGo } from "./number-text.ts";

// The texts were printed by Go: fmt.Sprint, strconv.FormatFloat with 'g' and 'f'.
test.each([
  { value: 1e5, g: "100000", f: "100000", json: "100000" },
  { value: 1e6, g: "1e+06", f: "1000000", json: "1000000" },
  { value: 123456789, g: "1.23456789e+08", f: "123456789", json: "123456789" },
  { value: 1e21, g: "1e+21", f: "1000000000000000000000", json: "1e+21" },
  { value: -0.0001, g: "-0.0001", f: "-0.0001", json: "-0.0001" },
  { value: 0.00001, g: "1e-05", f: "0.00001", json: "0.00001" },
  { value: 1e-7, g: "1e-07", f: "0.0000001", json: "1e-07" },
  { value: -0, g: "-0", f: "-0", json: "-0" },
  { value: 0.1, g: "0.1", f: "0.1", json: "0.1" },
  { value: Number.POSITIVE_INFINITY, g: "+Inf", f: "+Inf", json: "+Inf" },
  { value: Number.NaN, g: "NaN", f: "NaN", json: "NaN" },
])("prints $value as Go does", ({ value, g, f, json }) => {
  expect([formatFloatG(value), formatFloatF(value), formatFloatJson(value)]).toEqual([g, f, json]);
});

test.each([
  { text: "1", value: 1 },
  { text: "+.5e1", value: 5 },
  { text: "0x1.8p1", value: 3 },
  { text: "-INF", value: Number.NEGATIVE_INFINITY },
  { text: "1e999", value: Number.POSITIVE_INFINITY },
  { text: "", value: null },
  { text: "1_000", value: null },
  { text: "0x10", value: null },
  { text: " 1", value: null },
])("reads $text as Go does", ({ text, value }) => {
  expect(parseFloatGo(text)).toBe(value);
});
