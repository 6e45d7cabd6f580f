import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { RefusedRequest } from "../errors.ts";

/** N, r and p as OWASP recommends; 128·N·r bytes = 32 MiB for the time of one hash. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const keyLengthBytes = 32;
/** Hashes under way and waiting: a flood of logins must not take all memory. */
const pendingMax = 16;
export const passwordLengthMax = 256;

let pendingCount = 0;

/** `scrypt$N$r$p$salt$hash`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, , , , salt = "", key = ""] = hash.split("$");
  const expected = Buffer.from(key, "base64url");
  const actual = await derive(password, Buffer.from(salt, "base64url"));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** @throws {RefusedRequest} too many hashes are waiting */
async function derive(password: string, salt: Buffer): Promise<Buffer> {
  if (pendingCount >= pendingMax) throw new RefusedRequest(503, "Too many logins at once, try again in a moment");
  pendingCount++;
  try {
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize("NFKC"), salt, keyLengthBytes, cost, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    pendingCount--;
  }
}
