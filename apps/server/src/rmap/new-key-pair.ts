import type { Config, PrivateKey, SignaturePacket } from "openpgp";

export interface KeyPairText {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** As the library's own code calls it: its types know no signatures over names of users. */
interface Certification extends Omit<SignaturePacket, "sign"> {
  sign(key: PrivateKey["keyPacket"], signed: object, date: Date, isDetached: boolean, config: Config): Promise<void>;
}

/** A pair of keys on Curve25519 for signing and encryption, in armor, such as programs of the last ten years can read. */
export async function newKeyPair(name: string, nowMs: number): Promise<KeyPairText> {
  const { config, enums, generateKey } = await import("openpgp");
  // Random notations in signatures are a novelty, and these signatures are made once.
  const plain = { ...config, nonDeterministicSignaturesViaNotation: false };
  const date = new Date(nowMs);
  const { privateKey } = await generateKey({
    ...{ type: "ecc", curve: "curve25519Legacy", userIDs: [{ name }], date, format: "object", config: plain },
  });
  const [user] = privateKey.users;
  const certification = user?.selfCertifications[0] as unknown as Certification;
  // The library also names hashes of the SHA-3 family, and PGPy does not read a key that knows them.
  certification.preferredHashAlgorithms = [enums.hash.sha512, enums.hash.sha256];
  certification.rawNotations = [];
  const signed = { userID: user?.userID, key: privateKey.keyPacket };
  await certification.sign(privateKey.keyPacket, signed, date, false, plain);
  return { privateKey: privateKey.armor(), publicKey: privateKey.toPublic().armor() };
}
