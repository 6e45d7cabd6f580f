import { createHash } from "node:crypto";

/** For the relabelling action hashmod. */
export function md5(text: string): Uint8Array {
  return createHash("md5").update(text).digest();
}
