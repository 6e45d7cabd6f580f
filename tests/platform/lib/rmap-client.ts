import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createMessage,
  decrypt,
  encrypt,
  enums,
  generateKey,
  type PrivateKey,
  type PublicKey,
  readMessage,
} from "openpgp";
import { type Answer, send } from "./http.ts";

/** A key pair with the name that the platform shall know it by. */
export interface Identity {
  readonly name: string;
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
}

export type KeyKind = "curve25519" | "rsa2048";

export async function newIdentity(name: string, kind: KeyKind = "curve25519"): Promise<Identity> {
  const type = kind === "rsa2048" ? ({ type: "rsa", rsaBits: 2048 } as const) : ({ type: "ecc" } as const);
  const pair = await generateKey({ ...type, userIDs: [{ name }], format: "object" });
  return { name, ...pair };
}

/** Lays a key folder out as the platform wants it. */
export function writeKeys(folder: string, server: Identity, clients: readonly Identity[]): void {
  mkdirSync(join(folder, "clients"), { recursive: true });
  writeFileSync(join(folder, "server_priv.asc"), server.privateKey.armor(), { mode: 0o600 });
  writeFileSync(join(folder, "server_pub.asc"), server.publicKey.armor());
  for (const { name, publicKey } of clients) writeFileSync(join(folder, "clients", `${name}.asc`), publicKey.armor());
}

/** The ways in which published clients write an encrypted message into `payload`, and base64 over each of them. */
export const payloadForms = {
  "full armor": (armored: string) => armored,
  "base64 of the full armor": (armored: string) => base64(armored),
  "armor body": armorBody,
  "base64 of the armor body": (armored: string) => base64(armorBody(armored)),
  "bare body": bareBody,
  "base64 of the bare body": (armored: string) => base64(bareBody(armored)),
} as const;

export type PayloadForm = keyof typeof payloadForms;

/** Encrypts as PGPy does: AES-256, packets with integrity protection, compression on request. */
export async function encryptTo(key: PublicKey, text: string, isCompressed = false): Promise<string> {
  return encrypt({
    message: await createMessage({ text }),
    encryptionKeys: key,
    config: {
      aeadProtect: false,
      preferredCompressionAlgorithm: isCompressed ? enums.compression.zip : enums.compression.uncompressed,
    },
  });
}

/** Opens a reply in whichever of the two forms it came. */
export async function openReply(payload: string, key: PrivateKey): Promise<string> {
  const binary = Buffer.from(payload, "base64");
  const isArmored = binary.toString("latin1").startsWith("-----BEGIN PGP MESSAGE-----");
  const message = isArmored
    ? await readMessage({ armoredMessage: binary.toString("utf8") })
    : await readMessage({ binaryMessage: new Uint8Array(binary) });
  const { data } = await decrypt({ message, decryptionKeys: key });
  return data;
}

export interface Handshake {
  readonly nonceClient: bigint;
  readonly nonceServer: bigint;
  /** The link. */
  readonly result: string;
}

/** What a group's program does: two messages, then a download. */
export class RmapClient {
  readonly #port: number;
  readonly #identity: Identity;
  readonly #serverKey: PublicKey;
  readonly form: PayloadForm;
  readonly from: string;

  constructor(
    port: number,
    keys: { readonly identity: Identity; readonly serverKey: PublicKey },
    { form = "bare body" as PayloadForm, from = "127.0.0.1" } = {},
  ) {
    this.#port = port;
    this.#identity = keys.identity;
    this.#serverKey = keys.serverKey;
    this.form = form;
    this.from = from;
  }

  /** Encrypts any text to the server and posts it. */
  async post(path: string, text: string, isCompressed = false): Promise<Answer> {
    const payload = payloadForms[this.form](await encryptTo(this.#serverKey, text, isCompressed));
    return this.postPayload(path, payload);
  }

  postPayload(path: string, payload: unknown): Promise<Answer> {
    return send(this.#port, path, { method: "POST", json: { payload }, from: this.from });
  }

  initiate(nonceClient: bigint, name = this.#identity.name): Promise<Answer> {
    return this.post("/api/rmap-initiate", `{"nonceClient":${nonceClient},"identity":${JSON.stringify(name)}}`);
  }

  getLink(nonceServer: bigint): Promise<Answer> {
    return this.post("/api/rmap-get-link", `{"nonceServer":${nonceServer}}`);
  }

  /** The decrypted text of an answer's payload. */
  open(answer: Answer): Promise<string> {
    const { payload } = answer.json;
    if (answer.status !== 200 || typeof payload !== "string") throw new Error(`RMAP: ${answer.status} ${answer.text}`);
    return openReply(payload, this.#identity.privateKey);
  }

  /** The first message; gives the server's nonce. */
  async begin(nonceClient = randomNonce()): Promise<{ readonly nonceClient: bigint; readonly nonceServer: bigint }> {
    const text = await this.open(await this.initiate(nonceClient));
    if (integerIn(text, "nonceClient") !== nonceClient) throw new Error(`Another client's nonce came back: ${text}`);
    return { nonceClient, nonceServer: integerIn(text, "nonceServer") };
  }

  async handshake(nonceClient = randomNonce()): Promise<Handshake> {
    const nonces = await this.begin(nonceClient);
    const { result } = JSON.parse(await this.open(await this.getLink(nonces.nonceServer))) as { result: string };
    return { ...nonces, result };
  }
}

/** Both nonces as 16 lower-case hex digits each. */
export function linkOf({ nonceClient, nonceServer }: Pick<Handshake, "nonceClient" | "nonceServer">): string {
  return [nonceClient, nonceServer].map((nonce) => nonce.toString(16).padStart(16, "0")).join("");
}

export function randomNonce(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

/** JSON.parse would round it. */
export function integerIn(text: string, field: string): bigint {
  const found = new RegExp(`"${field}"\\s*:\\s*(\\d+)\\s*[,}]`).exec(text)?.[1];
  if (found === undefined) throw new Error(`No integer ${field} in ${text}`);
  return BigInt(found);
}

function armorBody(armored: string): string {
  return /\r?\n\r?\n([\s\S]*?)\r?\n-----END/.exec(armored)![1]!;
}

/** One line of base64, without the checksum line. */
function bareBody(armored: string): string {
  return armorBody(armored)
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("="))
    .join("");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
