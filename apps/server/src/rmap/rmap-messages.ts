/** The messages of RMAP between decryption and decision; every number is an unsigned integer of 64 bits. */
import { readJsonFields, stringField, u64Field } from "./exact-json.ts";

/** Who wants to talk, and the number by which he knows our answer. */
export interface FirstMessage {
  readonly nonceClient: bigint;
  readonly identity: string;
}

/** Null for what is no first message. */
export function readFirstMessage(text: string): FirstMessage | null {
  const fields = readJsonFields(text);
  if (fields === null) return null;
  const nonceClient = u64Field(fields, "nonceClient");
  const identity = stringField(fields, "identity");
  return nonceClient === null || identity === null || identity === "" ? null : { nonceClient, identity };
}

/** The server's number out of a second message; null for what is none. */
export function readSecondMessage(text: string): bigint | null {
  const fields = readJsonFields(text);
  return fields === null ? null : u64Field(fields, "nonceServer");
}

/** Both numbers of a handshake. */
export interface Nonces {
  readonly nonceClient: bigint;
  readonly nonceServer: bigint;
}

export function writeFirstResponse({ nonceClient, nonceServer }: Nonces): string {
  return `{"nonceClient":${nonceClient},"nonceServer":${nonceServer}}`;
}

/** What a handshake ends with, which is also the link of the copy: 32 lower-case hexadecimal digits. */
export function resultOf({ nonceClient, nonceServer }: Nonces): string {
  return [nonceClient, nonceServer].map((nonce) => nonce.toString(16).padStart(16, "0")).join("");
}
