/**
 * Bearer tokens: `base64url(payload) "." base64url(mac)`, where the payload is JSON and the mac HMAC-SHA256 over a fixed
 * prefix and the first part. There is one algorithm, so a client cannot choose another.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What a token says about its bearer. Times are Unix seconds. */
export interface TokenClaims {
  readonly userId: number;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** Names this one token, so that it can be revoked. */
  readonly tokenId: string;
  /** Must equal the user's; raising that one revokes all tokens of a user. */
  readonly tokenVersion: number;
}

export type TokenReading =
  | { readonly kind: "valid"; readonly claims: TokenClaims }
  | { readonly kind: "expired" }
  | { readonly kind: "invalid" };

const macPrefix = "tatou.token.v1.";
const tokenPattern = /^([A-Za-z0-9_-]{20,512})\.([A-Za-z0-9_-]{43})$/;

/** Makes and reads the tokens of one server. */
export class TokenSigner {
  readonly #key: Uint8Array;
  readonly #lifetimeSeconds: number;

  constructor(key: Uint8Array, lifetimeSeconds: number) {
    this.#key = key;
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  issue(user: { readonly id: number; readonly tokenVersion: number }, nowMs: number): string {
    const issuedAtSeconds = Math.floor(nowMs / 1_000);
    const payload = JSON.stringify({
      uid: user.id,
      iat: issuedAtSeconds,
      exp: issuedAtSeconds + this.#lifetimeSeconds,
      jti: randomBytes(16).toString("base64url"),
      ver: user.tokenVersion,
    });
    const encoded = Buffer.from(payload).toString("base64url");
    return `${encoded}.${this.#mac(encoded).toString("base64url")}`;
  }

  read(token: string, nowMs: number): TokenReading {
    const match = tokenPattern.exec(token);
    if (match === null) return { kind: "invalid" };
    const [, encoded = "", macText = ""] = match;
    const mac = Buffer.from(macText, "base64url");
    // The last character of a mac has spare bits, so one mac has several spellings; only ours is accepted.
    const isAuthentic = timingSafeEqual(mac, this.#mac(encoded)) && mac.toString("base64url") === macText;
    if (!isAuthentic) return { kind: "invalid" };
    const claims = parseClaims(encoded);
    return nowMs >= claims.expiresAtSeconds * 1_000 ? { kind: "expired" } : { kind: "valid", claims };
  }

  #mac(encoded: string): Buffer {
    return createHmac("sha256", this.#key).update(macPrefix).update(encoded).digest();
  }
}

/** The mac was checked before, so the payload is one that `issue` wrote. */
function parseClaims(encoded: string): TokenClaims {
  const payload = JSON.parse(Buffer.from(encoded, "base64url").toString()) as Record<
    "uid" | "iat" | "exp" | "ver",
    number
  > & {
    jti: string;
  };
  return {
    userId: payload.uid,
    issuedAtSeconds: payload.iat,
    expiresAtSeconds: payload.exp,
    tokenId: payload.jti,
    tokenVersion: payload.ver,
  };
}
