/**
 * Session keys out of what RSA keys of the server encrypt. OpenPGP.js computes RSA with JavaScript's big integers where
 * Node refuses PKCS #1 padding: 20 to 200 ms in which nothing else runs. Node's own arithmetic takes one or two, so it
 * does the power, and the padding is looked at here. Whatever is wrong with it, the answer is a random session key, which
 * fails later exactly like any other wrong key: nobody learns from us how a padding looked.
 */
import { constants, createPrivateKey, type KeyObject, privateDecrypt, randomBytes } from "node:crypto";
import type { PrivateKey, SessionKey } from "openpgp";

/** A session key as it was encrypted, as far as it is needed here. */
export interface SealedSessionKey {
  readonly version: number;
  readonly publicKeyID: { toHex(): string; isWildcard(): boolean };
  readonly encrypted: { readonly c?: Uint8Array };
}

interface RsaParts {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
}

/** Ciphers by their number in OpenPGP, with the length of their keys. */
const ciphers = [
  { id: 9, algorithm: "aes256", keyBytes: 32 },
  { id: 8, algorithm: "aes192", keyBytes: 24 },
  { id: 7, algorithm: "aes128", keyBytes: 16 },
] as const;
/** 0, 2, at least eight padding bytes, 0. */
const paddingMinBytes = 11;

/** The RSA keys among those that decrypt, for Node. */
export class RsaSessionKeys {
  readonly #keys: ReadonlyMap<string, KeyObject>;

  private constructor(keys: ReadonlyMap<string, KeyObject>) {
    this.#keys = keys;
  }

  static async of(privateKey: PrivateKey): Promise<RsaSessionKeys> {
    const keys = new Map<string, KeyObject>();
    for (const { keyPacket } of await privateKey.getDecryptionKeys(undefined, null)) {
      const parts = { ...keyPacket.publicParams, ...("privateParams" in keyPacket ? keyPacket.privateParams : null) };
      if (isRsa(parts)) keys.set(keyPacket.getKeyID().toHex(), nativeKey(parts));
    }
    return new RsaSessionKeys(keys);
  }

  /** One for each that is encrypted to an RSA key of ours; right or random. */
  open(sealed: readonly SealedSessionKey[]): readonly SessionKey[] {
    return sealed.flatMap(({ version, publicKeyID, encrypted: { c } }) => {
      if (version !== 3 || c === undefined) return [];
      const native = this.#keys.get(publicKeyID.toHex());
      const natives = publicKeyID.isWildcard() ? [...this.#keys.values()] : native === undefined ? [] : [native];
      return natives.map((key) => openOne(key, c));
    });
  }
}

function isRsa(parts: object): parts is RsaParts {
  return ["n", "e", "d", "p", "q"].every((name) => name in parts);
}

function nativeKey({ n, e, d, p, q }: RsaParts): KeyObject {
  const [dNumber, pNumber, qNumber] = [toBigInt(d), toBigInt(p), toBigInt(q)];
  const numbers = {
    ...{ n: toBigInt(n), e: toBigInt(e), d: dNumber, p: pNumber, q: qNumber },
    ...{ dp: dNumber % (pNumber - 1n), dq: dNumber % (qNumber - 1n), qi: inverse(qNumber, pNumber) },
  };
  const fields = Object.entries(numbers).map(([name, value]) => [name, toBytes(value).toString("base64url")]);
  return createPrivateKey({ key: { kty: "RSA", ...Object.fromEntries(fields) }, format: "jwk" });
}

function openOne(key: KeyObject, sealed: Uint8Array): SessionKey {
  const random: SessionKey = { algorithm: "aes256", data: randomBytes(32) };
  const modulusBytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  if (sealed.length > modulusBytes) return random;
  // Numbers are written without leading zeros.
  const block = Buffer.concat([Buffer.alloc(modulusBytes - sealed.length), sealed]);
  try {
    return unpad(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)) ?? random;
  } catch {
    // The number is not below the modulus.
    return random;
  }
}

/** 00 02 padding 00 | cipher, key, sum of the key's bytes. All is looked at before anything is decided. */
function unpad(block: Buffer): SessionKey | null {
  let found: SessionKey | null = null;
  for (const { id, algorithm, keyBytes } of ciphers) {
    const start = block.length - keyBytes - 4;
    if (start < paddingMinBytes - 1) continue;
    const data = block.subarray(start + 2, start + 2 + keyBytes);
    const sum = data.reduce((total, byte) => total + byte, 0) & 0xffff;
    let faults = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2) | (block[start] ?? 1) | ((block[start + 1] ?? 0) ^ id);
    faults |= sum ^ block.readUInt16BE(block.length - 2);
    for (const byte of block.subarray(2, start)) faults |= byte === 0 ? 1 : 0;
    if (faults === 0) found = { algorithm, data };
  }
  return found;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, nextRemainder] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (nextRemainder !== 0n) {
    const quotient = remainder / nextRemainder;
    [remainder, nextRemainder] = [nextRemainder, remainder - quotient * nextRemainder];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + modulus : factor;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function toBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}
