/** Password hashes: argon2id as PHC text, a few at a time, because each takes memory and a processor core. */
import { randomBytes } from "node:crypto";
import { WorkQueue } from "../limits/work-queue.ts";

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const memoryKib = 19_456;
const passCount = 2;
const laneCount = 1;
const hashBytes = 32;
const saltBytes = 16;
const queueLimits = { runningMax: 2, waitingMax: 128 };

/** What is needed of an argon2 library. */
export interface Argon2 {
  hash(password: string): Promise<string>;
  verify(phcText: string, password: string): Promise<boolean>;
}

/** Hashes and verifies in the order of asking; throws `WorkQueueFullError` when too many wait. */
export class PasswordHasher {
  readonly #argon2: Argon2;
  readonly #unknownAccountHash: string;
  readonly #queue = new WorkQueue(queueLimits);

  private constructor(argon2: Argon2, unknownAccountHash: string) {
    this.#argon2 = argon2;
    this.#unknownAccountHash = unknownAccountHash;
  }

  static async open(): Promise<PasswordHasher> {
    const argon2 = (await loadNativeArgon2()) ?? (await loadWasmArgon2());
    return new PasswordHasher(argon2, await argon2.hash(randomBytes(saltBytes).toString("hex")));
  }

  hash(password: string): Promise<string> {
    return this.#queue.run(() => this.#argon2.hash(password));
  }

  /** @param phcText null for an account that does not exist: the same work, and false */
  async verify(phcText: string | null, password: string): Promise<boolean> {
    const isEqual = await this.#queue.run(() => this.#argon2.verify(phcText ?? this.#unknownAccountHash, password));
    return isEqual && phcText !== null;
  }
}

/** Null on a platform without a compiled binary. */
export async function loadNativeArgon2(): Promise<Argon2 | null> {
  try {
    const { hash, verify } = await import("@node-rs/argon2");
    const options = { memoryCost: memoryKib, timeCost: passCount, parallelism: laneCount, outputLen: hashBytes };
    // The library's default algorithm is argon2id.
    return { hash: (password) => hash(password, options), verify };
  } catch {
    return null;
  }
}

/** The same everywhere, several times slower, and on the main thread. */
export async function loadWasmArgon2(): Promise<Argon2> {
  const { argon2id, argon2Verify } = await import("hash-wasm");
  return {
    hash: (password) =>
      argon2id({
        password,
        salt: randomBytes(saltBytes),
        memorySize: memoryKib,
        iterations: passCount,
        parallelism: laneCount,
        hashLength: hashBytes,
        outputType: "encoded",
      }),
    verify: (phcText, password) => argon2Verify({ hash: phcText, password }),
  };
}
