import { expect, test } from "vitest";
import { formatBase2Bytes, parseBase2Bytes } from "./base2-bytes.ts";

test.each([
  { bytes: 0, text: "0B" },
  { bytes: 6710, text: "6KiB566B" },
  { bytes: 1024, text: "1KiB" },
  { bytes: 1024 ** 3 + 1, text: "1GiB1B" },
  { bytes: 512 * 1024 ** 2, text: "512MiB" },
  { bytes: 3 * 1024 ** 4 + 1536, text: "3TiB1KiB512B" },
])("$bytes bytes read $text, and back", ({ bytes, text }) => {
  expect(formatBase2Bytes(bytes)).toBe(text);
  expect(parseBase2Bytes(text)).toBe(bytes);
});
