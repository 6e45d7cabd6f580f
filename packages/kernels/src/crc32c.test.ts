import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

test.each([
  // The check values of RFC 3720, B.4.
  { what: "the digits", bytes: Buffer.from("123456789"), crc: 0xe3069283 },
  { what: "32 zeros", bytes: new Uint8Array(32), crc: 0x8a9136aa },
  { what: "32 times 0xff", bytes: new Uint8Array(32).fill(255), crc: 0x62a8ab43 },
  { what: "0 to 31", bytes: Uint8Array.from({ length: 32 }, (_, index) => index), crc: 0x46dd794e },
  { what: "nothing", bytes: new Uint8Array(0), crc: 0 },
])("the checksum of $what", ({ bytes, crc }) => {
  expect(crc32c(bytes)).toBe(crc);
});

test("a range is summed like a copy of it", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) & 255);
  expect(crc32c(bytes, 13, 94)).toBe(crc32c(bytes.slice(13, 94)));
});

test("a sum goes on where another one ended", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) & 255);
  for (const middle of [0, 1, 20, 99, 100]) {
    expect(crc32c(bytes, middle, 100, crc32c(bytes, 0, middle))).toBe(crc32c(bytes));
  }
});
