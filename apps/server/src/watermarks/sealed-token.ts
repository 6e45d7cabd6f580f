/**
 * The mark that all hiding methods carry: a secret that only the key opens, as printable text.
 *
 *     K = scrypt(NFKC(key), "tatou/wm/v1", N = 2^15, r = 8, p = 1, 64 bytes)      first half encrypts, second half makes nonces
 *     nonce = HMAC-SHA256(second half, "TWM1|" method "|" secret), first 12 bytes
 *     token = "TWM1." base64url(nonce ‖ AES-256-GCM(first half, nonce, secret, AAD = "TWM1|" method) ‖ 16 byte tag)
 *
 * The nonce follows from the secret, so that equal inputs give equal tokens, and two secrets never share one. The cost of
 * the key derivation is fixed here and never read from a file.
 */
import { createCipheriv, createDecipheriv, createHmac, scrypt } from "node:crypto";

const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1_024 * 1_024 } as const;
const scryptSalt = "tatou/wm/v1";
const cipher = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = "TWM1";
const tokenPattern = /TWM1\.[A-Za-z0-9_-]{39,600}/g;

/** More candidates than this are not tried: a file full of false tokens costs no more than a real one. */
export const candidateCountMax = 64;

/** What a key turns into; good for every method. */
export interface SealKeys {
  readonly encryption: Buffer;
  readonly nonce: Buffer;
}

/** Takes about 50 ms and 32 MiB: once per operation is enough. */
export function deriveSealKeys(key: string): Promise<SealKeys> {
  return new Promise((resolve, reject) => {
    scrypt(key.normalize("NFKC"), scryptSalt, 2 * keyBytes, scryptCost, (error, derived) => {
      if (error !== null) reject(error);
      else resolve({ encryption: derived.subarray(0, keyBytes), nonce: derived.subarray(keyBytes) });
    });
  });
}

/** @param method the name that the token is bound to */
export function sealSecret(keys: SealKeys, method: string, secret: string): string {
  const nonce = createHmac("sha256", keys.nonce)
    .update(`${prefix}|${method}|${secret}`)
    .digest()
    .subarray(0, nonceBytes);
  const sealing = createCipheriv(cipher, keys.encryption, nonce, { authTagLength: tagBytes });
  sealing.setAAD(Buffer.from(`${prefix}|${method}`));
  const sealed = Buffer.concat([nonce, sealing.update(secret, "utf8"), sealing.final(), sealing.getAuthTag()]);
  return `${prefix}.${sealed.toString("base64url")}`;
}

/** @returns the secret, or null when the key, the method or the token is another one */
export function openToken(keys: SealKeys, method: string, token: string): string | null {
  const sealed = Buffer.from(token.slice(prefix.length + 1), "base64url");
  const tagStart = sealed.length - tagBytes;
  if (tagStart <= nonceBytes) return null;
  const opening = createDecipheriv(cipher, keys.encryption, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  opening.setAAD(Buffer.from(`${prefix}|${method}`));
  opening.setAuthTag(sealed.subarray(tagStart));
  try {
    const secret = Buffer.concat([opening.update(sealed.subarray(nonceBytes, tagStart)), opening.final()]);
    return secret.toString("utf8");
  } catch {
    return null;
  }
}

/** Every token in a text, in its order. */
export function findTokens(text: string): readonly string[] {
  return text.match(tokenPattern) ?? [];
}

/**
 * Lists that are each newest first become one list, newest first and without repetition: the newest of every list comes
 * before the second of any.
 */
export function mergeCandidates(lists: readonly (readonly string[])[]): readonly string[] {
  const merged = new Set<string>();
  for (let age = 0; age < candidateCountMax; age++) {
    for (const list of lists) {
      const token = list[age];
      if (token !== undefined) merged.add(token);
      if (merged.size === candidateCountMax) return [...merged];
    }
  }
  return [...merged];
}
