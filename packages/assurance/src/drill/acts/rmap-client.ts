import { assert, type HttpRequest, type HttpResponse } from "@tatou/model";
import type { PrivateKey, PublicKey } from "openpgp";
import { DrillSetupError } from "../../errors.ts";
import type { ActContext } from "./drill-act.ts";
import { fieldsOf, unexpectedAnswer } from "./platform-client.ts";

/** Statuses of a refused message. */
export const refusedMessage: readonly number[] = [400, 429];

/** One side of RMAP: seals messages to the platform's key, and opens the answers with those of the identities. */
export class RmapClient {
  readonly #context: ActContext;
  readonly #openPgp: typeof import("openpgp");
  readonly #serverKey: PublicKey;
  readonly #identities: ReadonlyMap<string, PrivateKey>;

  private constructor(context: ActContext, keys: RmapKeys) {
    this.#context = context;
    this.#openPgp = keys.openPgp;
    this.#serverKey = keys.serverKey;
    this.#identities = keys.identities;
  }

  /** @throws {DrillSetupError} the keys are out of reach, or cannot be read */
  static async open(context: ActContext): Promise<RmapClient> {
    return new RmapClient(context, await context.world.clock.track(readKeys(context)));
  }

  get identities(): readonly string[] {
    return [...this.#identities.keys()];
  }

  firstMessage(identity: string, nonceClient: bigint): Promise<string> {
    return this.#sealNow(`{"nonceClient":${nonceClient},"identity":${JSON.stringify(identity)}}`);
  }

  secondMessage(nonceServer: bigint): Promise<string> {
    return this.#sealNow(`{"nonceServer":${nonceServer}}`);
  }

  /**
   * The first half of a handshake.
   * @throws {DrillSetupError} the platform does not answer as it should
   */
  async begin(identity: string, nonceClient: bigint, address: string): Promise<bigint> {
    const payload = await this.firstMessage(identity, nonceClient);
    const answer = await this.post("/api/rmap-initiate", payload, { address, answers: [200] });
    const opened = await this.#opened(answer, identity, "POST /api/rmap-initiate");
    const nonceServer = numberIn(opened, "nonceServer");
    if (numberIn(opened, "nonceClient") !== nonceClient || nonceServer === null)
      throw notOfThisHandshake("POST /api/rmap-initiate");
    return nonceServer;
  }

  /**
   * The second half.
   * @returns the link of the copy
   * @throws {DrillSetupError} the platform does not answer as it should
   */
  async finish(identity: string, payload: string, address: string): Promise<string> {
    const answer = await this.post("/api/rmap-get-link", payload, { address, answers: [200] });
    const opened = await this.#opened(answer, identity, "POST /api/rmap-get-link");
    const link = /"result"\s*:\s*"([0-9a-f]{32})"/.exec(opened)?.[1];
    if (link === undefined) throw notOfThisHandshake("POST /api/rmap-get-link");
    return link;
  }

  post(path: string, payload: string, options: PostOptions): Promise<HttpResponse | null> {
    return this.#context.send(rmapRequest(this.#context, path, JSON.stringify({ payload }), options.address), options);
  }

  /** A text for the platform alone, in the form that the public client sends first: what stands in an armor. */
  #sealNow(text: string): Promise<string> {
    const { clock } = this.#context.world;
    return clock.track(this.#seal(text, new Date(clock.nowMs())));
  }

  async #seal(text: string, date: Date): Promise<string> {
    const message = await this.#openPgp.createMessage({ text, date });
    const armored = await this.#openPgp.encrypt({ message, encryptionKeys: this.#serverKey, date });
    return armorBody(String(armored));
  }

  async #opened(answer: HttpResponse | null, identity: string, asked: string): Promise<string> {
    const { clock, signal } = this.#context.world;
    signal.throwIfAborted();
    const { payload } = answer === null ? {} : fieldsOf(answer);
    if (answer?.status !== 200 || typeof payload !== "string") throw unexpectedAnswer(asked, answer, [200]);
    try {
      return await clock.track(this.#open(payload, identity));
    } catch {
      throw notOfThisHandshake(asked);
    }
  }

  async #open(payload: string, identity: string): Promise<string> {
    const decryptionKeys = this.#identities.get(identity);
    assert(decryptionKeys !== undefined, "who begins a handshake is one of the identities");
    const message = await this.#openPgp.readMessage({ binaryMessage: new Uint8Array(Buffer.from(payload, "base64")) });
    const date = new Date(this.#context.world.clock.nowMs());
    const { data } = await this.#openPgp.decrypt({ message, decryptionKeys, date });
    return String(data);
  }
}

interface PostOptions {
  readonly address: string;
  readonly answers: readonly number[];
}

interface RmapKeys {
  readonly openPgp: typeof import("openpgp");
  readonly serverKey: PublicKey;
  readonly identities: ReadonlyMap<string, PrivateKey>;
}

const keyHint = "Start the platform with RMAP_KEYS_DIR, and run the drill where the keys of its clients are";

/** The library is large, and most drills do without it. */
async function readKeys({ world }: ActContext): Promise<RmapKeys> {
  if (world.rmap === null) throw new DrillSetupError("Cannot drill RMAP: its keys are out of reach here", keyHint);
  const openPgp = await import("openpgp");
  try {
    const serverKey = await openPgp.readKey({ armoredKey: world.rmap.serverPublicKey });
    const identities = new Map<string, PrivateKey>();
    for (const [identity, armoredKey] of world.rmap.identities)
      identities.set(identity, await openPgp.readPrivateKey({ armoredKey }));
    return { openPgp, serverKey, identities };
  } catch (error) {
    throw new DrillSetupError(`Cannot drill RMAP: a key cannot be read: ${String(error)}`, keyHint);
  }
}

/** @param body as text, so that it may also be something else than a message */
export function rmapRequest({ world }: ActContext, path: string, body: string, localAddress: string): HttpRequest {
  const headers = { "content-type": "application/json" };
  return { method: "POST", url: `${world.targetUrl}${path}`, headers, body, localAddress };
}

/** A random number of 64 bits. */
export function randomNonce(random: () => number): bigint {
  const half = (): bigint => BigInt(Math.floor(random() * 2 ** 32));
  return (half() << 32n) | half();
}

/** Read out of the text: as a number of JavaScript it would lose its last digits. */
function numberIn(opened: string, name: string): bigint | null {
  const digits = new RegExp(`"${name}"\\s*:\\s*(\\d{1,20})\\b`).exec(opened)?.[1];
  return digits === undefined ? null : BigInt(digits);
}

function notOfThisHandshake(asked: string): DrillSetupError {
  const problem = `Cannot go on with the handshake: ${asked} was answered with something that is no answer to it`;
  return new DrillSetupError(problem, "Do the keys of the drill belong to this platform?");
}

/** What stands between the lines of an armor, line breaks and checksum included. */
function armorBody(armored: string): string {
  const [, body = ""] = armored.split(/\r?\n\r?\n/, 2);
  return body.split("-----END", 1)[0]?.trim() ?? "";
}
