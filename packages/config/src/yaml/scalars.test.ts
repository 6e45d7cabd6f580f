import { expect, test } from "vitest";
import { parseBase2Bytes } from "./base2-bytes.ts";
import { expandEnvironment } from "./expand-environment.ts";
import { parseGoDurationMs } from "./go-duration.ts";
import { parseGoUrl } from "./go-url.ts";

test.each([
  { text: "0", bytes: 0 },
  { text: "15MB", bytes: 15 * 1024 ** 2 },
  { text: "1KiB512B", bytes: 1536 },
  { text: "1.5GB", bytes: 1.5 * 1024 ** 3 },
])("$text is $bytes bytes", ({ text, bytes }) => {
  expect(parseBase2Bytes(text)).toBe(bytes);
});

test.each(["", "100", "5XB", "MB", "-1MB", "9EB"])("%s is no size", (text) => {
  expect(() => parseBase2Bytes(text)).toThrow("units: invalid");
});

test.each([
  { text: "0", ms: 0 },
  { text: "1.5h", ms: 5_400_000 },
  { text: "1m30s", ms: 90_000 },
  { text: "-.5s", ms: -500 },
  { text: "1500us", ms: 2 },
])("$text is $ms ms in Go", ({ text, ms }) => {
  expect(parseGoDurationMs(text)).toBe(ms);
});

test.each(["", "5", "1d", "s", "1s "])("%s is no duration in Go", (text) => {
  expect(() => parseGoDurationMs(text)).toThrow("time: invalid duration");
});

test.each([
  { text: "http://u:p@h:9090/x?y#z", scheme: "http", host: "h:9090" },
  { text: "localhost:9090", scheme: "localhost", host: "" },
  { text: "/metrics", scheme: "", host: "" },
  { text: "HTTPS://[::1]:80", scheme: "https", host: "[::1]:80" },
  { text: "", scheme: "", host: "" },
])("$text is a URL", ({ text, ...parts }) => {
  expect(parseGoUrl(text)).toEqual(parts);
});

test.each([
  { text: "1.2.3.4:80", reason: "first path segment in URL cannot contain colon" },
  { text: ":80", reason: "missing protocol scheme" },
  { text: "http://a b/", reason: "invalid character" },
  { text: "http://h/%zz", reason: "invalid URL escape" },
  { text: "http://h:port", reason: "invalid port" },
  { text: "http://[::1", reason: "missing ']' in host" },
  { text: "http://h/\n", reason: "invalid control character" },
])("$text is none: $reason", ({ text, reason }) => {
  expect(() => parseGoUrl(text)).toThrow(reason);
});

test.each([
  { text: "$A-${A}-$AB-$$A-${", expanded: "1-1--$A-${" },
  { text: "100$ and $1", expanded: "100$ and " },
])("expands $text", ({ text, expanded }) => {
  const lookup = (name: string) => ({ A: "1", $: "$" })[name];
  expect(expandEnvironment(text, lookup)).toBe(expanded);
});
