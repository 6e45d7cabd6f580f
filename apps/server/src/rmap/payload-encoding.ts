/**
 * How an OpenPGP message travels in `payload`. Clients of three generations write it as
 *
 *   full armor           -----BEGIN PGP MESSAGE----- ... -----END PGP MESSAGE-----
 *   armor body           what stands between these lines: base64 in lines, perhaps headers, perhaps a CRC line
 *   bare body            base64 in one line
 *   base64 of any of these
 *
 * Which one it is shows in the text and in the first byte, so nothing has to be decrypted to find out.
 */

/** How to answer: older clients read nothing but their own base64 of the full armor, all others read the bare body. */
export type PayloadForm = "base64-of-armor" | "bare-body";

export interface DecodedPayload {
  readonly message: Uint8Array;
  readonly form: PayloadForm;
}

/** Longer payloads are not looked at. */
export const payloadMaxLength = 16 * 1_024;

const armorMarker = "-----BEGIN PGP MESSAGE-----";
/** In base64, nothing but padding follows a "=": what stands behind one at the end is the checksum of an armor. */
const trailingChecksum = /=[A-Za-z0-9+/]{4}$/;
const base64Text = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9+/]{2,3}={1,2}$/;
/** The top bit is set in the first byte of every OpenPGP packet, and in no byte of a text in ASCII. */
const packetBit = 0x80;
const armorLineLength = 64;

/** Null for what is none of the known encodings. */
export function decodePayload(payload: string): DecodedPayload | null {
  if (payload.length > payloadMaxLength) return null;
  const outer = decodeArmorBody(payload);
  if (outer === null) return null;
  if (isPacket(outer)) return { message: outer, form: "bare-body" };
  const text = outer.toString("latin1");
  const inner = decodeArmorBody(text);
  if (inner === null || !isPacket(inner)) return null;
  return { message: inner, form: text.includes(armorMarker) ? "base64-of-armor" : "bare-body" };
}

export function encodePayload(message: Uint8Array, form: PayloadForm): string {
  const body = Buffer.from(message).toString("base64");
  switch (form) {
    case "bare-body":
      return body;
    case "base64-of-armor":
      return Buffer.from(armored(body, message)).toString("base64");
  }
}

/** The bytes of a base64 text, which may stand in an armor, have headers, line breaks and a checksum. */
function decodeArmorBody(text: string): Buffer | null {
  const lines = text.slice(Math.max(0, text.indexOf(armorMarker))).split("\n");
  const body = lines.filter((line) => !line.startsWith("-----") && !line.includes(":")).join("");
  const base64 = body.replaceAll(/\s/g, "").replace(trailingChecksum, "");
  return base64Text.test(base64) ? Buffer.from(base64, "base64") : null;
}

function isPacket(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & packetBit) !== 0;
}

/** With the checksum, which is optional by now, but not for the clients that ask for this form. */
function armored(body: string, message: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < body.length; start += armorLineLength) {
    lines.push(body.slice(start, start + armorLineLength));
  }
  const checksum = Buffer.from(crc24(message).toString(16).padStart(6, "0"), "hex").toString("base64");
  return [armorMarker, "", ...lines, `=${checksum}`, "-----END PGP MESSAGE-----", ""].join("\n");
}

/** RFC 4880, section 6.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
