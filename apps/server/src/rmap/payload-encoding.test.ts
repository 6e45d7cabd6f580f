import { expect, test } from "vitest";
import { decodePayload, encodePayload, payloadMaxLength } from "./payload-encoding.ts";

/** Any bytes that begin like a packet, with and without padding in base64. */
const messages = [1, 2, 3, 47, 48, 200].map((length) => Uint8Array.from({ length }, (_, index) => 0xc1 + (index % 60)));

function armorOf(message: Uint8Array): string {
  return Buffer.from(encodePayload(message, "base64-of-armor"), "base64").toString();
}

test.each(messages.map((message) => ({ length: message.length, message })))(
  "$length bytes come back from every encoding",
  ({ message }) => {
    const armor = armorOf(message);
    const body = armor.split("\n").slice(2, -2).join("\n");
    const bare = encodePayload(message, "bare-body");
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const lines = base64(armor).replaceAll(/.{76}/g, "$&\n");
    const table = [
      [armor, "bare-body"],
      [armor.replaceAll("\n", "\r\n"), "bare-body"],
      [`some words before\n${armor}`, "bare-body"],
      [armor.replace("\n\n", "\nVersion: X v1\nComment: two\n\n"), "bare-body"],
      [body, "bare-body"],
      [body.replaceAll("\n", "\r\n"), "bare-body"],
      [body.replaceAll("\n", ""), "bare-body"],
      [body.split("\n").slice(0, -1).join("\n"), "bare-body"],
      [bare, "bare-body"],
      [` ${bare}\n`, "bare-body"],
      [base64(armor), "base64-of-armor"],
      [lines, "base64-of-armor"],
      [base64(body), "bare-body"],
      [base64(bare), "bare-body"],
    ] as const;
    for (const [payload, form] of table) {
      const decoded = decodePayload(payload);
      expect({ payload, form: decoded?.form, bytes: decoded && [...decoded.message] }).toEqual({
        payload,
        form,
        bytes: [...message],
      });
    }
  },
);

test.each([
  "",
  " ",
  "!",
  "=",
  "====",
  "A",
  "AAAA", // bytes below 0x80 inside bytes below 0x80
  "wQ", // without its padding
  "wQ=A",
  "w_-A",
  "-----BEGIN PGP MESSAGE-----",
  "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----",
  Buffer.from(Buffer.from("wcHB").toString("base64")).toString("base64"), // once too often
  "wcHB".repeat(payloadMaxLength / 4 + 1),
  "é".repeat(8),
  "\u0000",
])("%j is none of the encodings", (payload) => {
  expect(decodePayload(payload)).toBeNull();
});

test("the armor has the checksum of RFC 4880", () => {
  // The checksum of no bytes is its initial value, and gpg prints =twTO for it.
  expect(armorOf(new Uint8Array())).toBe("-----BEGIN PGP MESSAGE-----\n\n=twTO\n-----END PGP MESSAGE-----\n");
});
