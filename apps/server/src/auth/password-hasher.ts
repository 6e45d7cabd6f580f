/** Password hashes: argon2id as PHC text, one per processor core at a time, because each takes a core and memory. */
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { type WorkLane, WorkQueue } from "../limits/work-queue.ts";

/** How much work one hash is. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passCount: number;
}

/** OWASP's minimum for argon2id with one lane. */
const protectiveCost: PasswordCost = { memoryKib: 19_456, passCount: 2 };
const laneCount = 1;
const hashBytes = 32;
const saltBytes = 16;
/** Hashing runs on a pool of four threads, which files need too. */
const hashesAtOnceMax = 3;
/** At some 25 ms each: nobody waits much longer than a second, and beyond that nothing is hashed at all. */
const waitingMax = 64;

/** What is needed of an argon2 library. */
export interface Argon2 {
  hash(password: string): Promise<string>;
  verify(phcText: string, password: string): Promise<boolean>;
}

/** Hashes and verifies in the order of asking; throws `WorkQueueFullError` when too many wait. */
export class PasswordHasher {
  readonly #argon2: Argon2;
  readonly #unknownAccountHash: string;
  readonly #queue = new WorkQueue({ runningMax: Math.min(availableParallelism(), hashesAtOnceMax), waitingMax });

  private constructor(argon2: Argon2, unknownAccountHash: string) {
    this.#argon2 = argon2;
    this.#unknownAccountHash = unknownAccountHash;
  }

  static async open(cost = protectiveCost): Promise<PasswordHasher> {
    const argon2 = (await loadNativeArgon2(cost)) ?? (await loadWasmArgon2(cost));
    return new PasswordHasher(argon2, await argon2.hash(randomBytes(saltBytes).toString("hex")));
  }

  hash(password: string): Promise<string> {
    return this.#queue.run(() => this.#argon2.hash(password));
  }

  /**
   * @param phcText null for an account that does not exist: the same work, and false
   * @param lane where to wait while many ask at once
   */
  async verify(phcText: string | null, password: string, lane: WorkLane = "ordinary"): Promise<boolean> {
    const wanted = phcText ?? this.#unknownAccountHash;
    const isEqual = await this.#queue.run(() => this.#argon2.verify(wanted, password), lane);
    return isEqual && phcText !== null;
  }
}

/** Null on a platform without a compiled binary. */
export async function loadNativeArgon2({ memoryKib, passCount } = protectiveCost): Promise<Argon2 | null> {
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
export async function loadWasmArgon2({ memoryKib, passCount } = protectiveCost): Promise<Argon2> {
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
