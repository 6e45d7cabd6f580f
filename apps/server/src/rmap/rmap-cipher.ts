import { randomBytes } from "node:crypto";
import type { AnyPacket, Message, PartialConfig, PrivateKey, PublicKey } from "openpgp";
import { WorkQueue } from "../limits/work-queue.ts";
import { RsaSessionKeys, type SealedSessionKey } from "./rsa-session-keys.ts";

/** Each takes a few milliseconds of the one thread that answers everybody. */
const queueLimits = { runningMax: 1, waitingMax: 64 };
const plaintextMaxBytes = 4 * 1_024;
/** Room for the packet around the text. */
const inflatedMaxBytes = plaintextMaxBytes + 1_024;
/** A message goes to the server, and perhaps to its sender too. Each costs a try to open it. */
const recipientsMax = 4;
const sessionKeyBytes = 32;

/** What older clients can read: no compression, no AEAD; and nothing unprotected, nor endless, is read. */
const openPgpConfig: PartialConfig = {
  aeadProtect: false,
  allowUnauthenticatedMessages: false,
  maxDecompressedMessageSize: inflatedMaxBytes,
  ignoreUnsupportedPackets: false,
};

/** Encrypts to clients and decrypts for the server, one message at a time. */
export class RmapCipher {
  readonly #openPgp: typeof import("openpgp");
  readonly #serverKey: PrivateKey;
  readonly #rsa: RsaSessionKeys;
  readonly #nowMs: () => number;
  readonly #queue = new WorkQueue(queueLimits);

  private constructor(serverKey: PrivateKey, parts: Omit<CipherParts, "serverKey"> & { readonly rsa: RsaSessionKeys }) {
    this.#serverKey = serverKey;
    this.#openPgp = parts.openPgp;
    this.#rsa = parts.rsa;
    this.#nowMs = parts.nowMs;
  }

  /** @param parts the server's key, without its passphrase */
  static async open({ serverKey, ...parts }: CipherParts): Promise<RmapCipher> {
    return new RmapCipher(serverKey, { ...parts, rsa: await RsaSessionKeys.of(serverKey) });
  }

  /**
   * The text of a message to the server; null for whatever cannot be read.
   * @throws {WorkQueueFullError}
   */
  decrypt(message: Uint8Array): Promise<string | null> {
    return this.#queue.run(async () => {
      try {
        return await this.#decrypt(message);
      } catch {
        // Why is nobody's business: neither the sender's nor the log's.
        return null;
      }
    });
  }

  /**
   * The same text for the owner of a key alone; null when the key can no longer be used.
   * @throws {WorkQueueFullError}
   */
  encrypt(text: string, encryptionKey: PublicKey): Promise<Uint8Array | null> {
    return this.#queue.run(async () => {
      const date = new Date(this.#nowMs());
      if (!(await canEncrypt(encryptionKey, date))) return null;
      const message = await this.#openPgp.createMessage({ binary: new TextEncoder().encode(text), date });
      return this.#openPgp.encrypt({
        message,
        encryptionKeys: encryptionKey,
        // Given, so that it is AES-256 also for a key that does not name what its owner can read.
        sessionKey: { data: randomBytes(sessionKeyBytes), algorithm: "aes256" },
        format: "binary",
        date,
        config: openPgpConfig,
      });
    });
  }

  async #decrypt(bytes: Uint8Array): Promise<string | null> {
    const { enums, readMessage, decrypt } = this.#openPgp;
    const message: Message<Uint8Array> = await readMessage({ binaryMessage: bytes, config: openPgpConfig });
    const sealed = message.packets.filterByTag(enums.packet.publicKeyEncryptedSessionKey);
    const isProtected = message.packets.at(-1)?.constructor === this.#openPgp.SymEncryptedIntegrityProtectedDataPacket;
    if (!isProtected || sealed.length > recipientsMax) return null;
    const sessionKeys = this.#rsa.open(sealed.map(toSealedSessionKey));
    const keys = sessionKeys.length > 0 ? { sessionKeys: [...sessionKeys] } : { decryptionKeys: this.#serverKey };
    const date = new Date(this.#nowMs());
    const { data } = await decrypt({ message, ...keys, format: "binary", date, config: openPgpConfig });
    if (data.length > plaintextMaxBytes) return null;
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  }
}

export interface CipherParts {
  readonly openPgp: typeof import("openpgp");
  readonly serverKey: PrivateKey;
  readonly nowMs: () => number;
}

/** Whether a key is in force at this time, neither expired nor revoked, and meant for encryption. */
export async function canEncrypt(key: PublicKey, date: Date): Promise<boolean> {
  try {
    await key.getEncryptionKey(undefined, date, undefined);
    return true;
  } catch {
    return false;
  }
}

/** The library keeps these fields out of its types. */
function toSealedSessionKey(packet: AnyPacket): SealedSessionKey {
  return packet as unknown as SealedSessionKey;
}
