import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as openPgp from "openpgp";
import type { TestResponse, TestServer } from "../../testing/test-server.ts";
import { initServer } from "../init-server.ts";

/** A fresh folder with keys for a server and these clients, and the environment that uses it. */
export async function testKeys(
  identities: readonly string[] = [],
): Promise<{ folder: string; env: Record<string, string> }> {
  const folder = mkdtempSync(join(tmpdir(), "tatou-rmap-"));
  const keysDir = join(folder, "keys");
  const result = await initServer({
    ...{ keysDir, storageDir: join(folder, "storage"), identities, isForced: false },
    // A little in the past, so that a clock that is behind does not meet keys from its future.
    nowMs: Date.now() - 60_000,
  });
  const env = Object.fromEntries(Object.entries(result.environment).filter(([name]) => name.startsWith("RMAP_")));
  return { folder, env: { ...env, RMAP_WATERMARK_METHOD: "toy-eof" } };
}

export const encodings = {
  fullArmor: (armor: string) => armor,
  armorBody: (armor: string) => bodyOf(armor),
  bareBody: (armor: string) => bareBodyOf(armor),
  base64OfFullArmor: (armor: string) => base64(armor),
  base64OfArmorBody: (armor: string) => base64(bodyOf(armor)),
  base64OfBareBody: (armor: string) => base64(bareBodyOf(armor)),
} as const;

export type Encode = (armor: string) => string;

/** What stands between the lines of an armor, checksum included. */
function bodyOf(armor: string): string {
  return armor
    .split(/\r?\n\r?\n/, 2)[1]!
    .split("-----END")[0]!
    .trim();
}

function bareBodyOf(armor: string): string {
  return bodyOf(armor)
    .replace(/\r?\n=[A-Za-z0-9+/]{4}$/, "")
    .replaceAll(/\s/g, "");
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** One side of RMAP, without the checks of the other. */
export class RmapClient {
  readonly #server: TestServer;
  readonly #keysDir: string;
  readonly identity: string;
  encode: Encode = encodings.bareBody;

  constructor(server: TestServer, keysDir: string, identity: string) {
    this.#server = server;
    this.#keysDir = keysDir;
    this.identity = identity;
  }

  async seal(text: string, options: Partial<openPgp.EncryptOptions> = {}): Promise<string> {
    const encryptionKeys = await openPgp.readKey({ armoredKey: this.#file("server_pub.asc") });
    const message = await openPgp.createMessage({ text });
    return openPgp.encrypt({ encryptionKeys, ...options, message, format: "armored" });
  }

  async open(payload: string): Promise<Record<string, string>> {
    const text = Buffer.from(payload, "base64");
    const message = text.toString().startsWith("-----")
      ? await openPgp.readMessage({ armoredMessage: text.toString() })
      : await openPgp.readMessage({ binaryMessage: new Uint8Array(text) });
    const armoredKey = this.#file(`client-secrets/${this.identity}_priv.asc`);
    const decryptionKeys = await openPgp.readPrivateKey({ armoredKey });
    const { data } = await openPgp.decrypt({ message, decryptionKeys });
    const numbers = [...(data as string).matchAll(/"(\w+)":"?(\w+)/g)].map(([, name, value]) => [name, value]);
    return Object.fromEntries(numbers) as Record<string, string>;
  }

  async send(path: string, text: string, options: { from?: string } = {}): Promise<TestResponse> {
    return this.#server.post(path, { payload: this.encode(await this.seal(text)) }, options);
  }

  initiate(nonceClient: string | bigint, options: { from?: string } = {}): Promise<TestResponse> {
    const text = `{"nonceClient": ${nonceClient}, "identity": ${JSON.stringify(this.identity)}}`;
    return this.send("/api/rmap-initiate", text, options);
  }

  /** The first half; gives the server's number. */
  async begin(nonceClient: string | bigint = 7n, options: { from?: string } = {}): Promise<string> {
    const answer = await this.initiate(nonceClient, options);
    if (answer.status !== 200) throw new Error(`cannot begin: ${answer.status} ${answer.text}`);
    const { nonceServer = "" } = await this.open(String(answer.json["payload"]));
    return nonceServer;
  }

  getLink(nonceServer: string | bigint, options: { from?: string } = {}): Promise<TestResponse> {
    return this.send("/api/rmap-get-link", `{"nonceServer": ${nonceServer}}`, options);
  }

  #file(name: string): string {
    return readFileSync(join(this.#keysDir, name), "utf8");
  }
}
