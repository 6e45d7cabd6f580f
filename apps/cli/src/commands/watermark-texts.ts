/**
 * Where key and secret come from: a flag, a file, standard input or a prompt. A flag can be seen in the list of processes
 * and stays in the shell's history, so the others come first in what we recommend.
 */
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { watermarkLimits } from "@tatou/server";
import { exitCodeInterrupted } from "../exit-codes.ts";
import { WatermarkCommandError } from "./watermark-errors.ts";

type TextName = "secret" | "key";

/** The flags as commander gives them. */
export interface TextOptions {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly secretPrompt?: true | undefined;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyPrompt?: true | undefined;
}

type TextSource =
  | { readonly kind: "given"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "prompt" };

const maxBytes: Readonly<Record<TextName, number>> = {
  secret: watermarkLimits.secretMaxBytes,
  key: watermarkLimits.keyMaxBytes,
};
const lineEndMaxBytes = 2;
const standardInput = "/dev/stdin";

/**
 * Gives the secret to hide and the key.
 *
 * @throws {WatermarkCommandError} usage: none or several sources, or a text that is empty or too long
 */
export async function readSecretAndKey(options: TextOptions): Promise<{ secret: string; key: string }> {
  const sources = { secret: sourceOf("secret", options), key: sourceOf("key", options) };
  if (isStandardInput(sources.secret) && isStandardInput(sources.key)) {
    throw usage("Cannot read both secret and key from standard input", "Put one of them into a file");
  }
  const secret = await readText("secret", sources.secret);
  return { secret, key: await readText("key", sources.key, { isRepeated: true }) };
}

/** Gives the key to read with; as `readSecretAndKey`. */
export function readKey(options: TextOptions): Promise<string> {
  return readText("key", sourceOf("key", options));
}

function sourceOf(name: TextName, options: TextOptions): TextSource {
  const text = options[name];
  const path = options[`${name}File`];
  const sources: TextSource[] = [];
  if (text !== undefined) sources.push({ kind: "given", text });
  if (path !== undefined) sources.push({ kind: "file", path });
  if (options[`${name}Prompt`] === true) sources.push({ kind: "prompt" });
  const flags = `--${name}-file, --${name}-prompt and --${name}`;
  const [source, ...others] = sources;
  if (others.length > 0) throw usage(`Cannot take the ${name} from two places`, `Give one of ${flags}`);
  if (source !== undefined) return source;
  if (process.stdin.isTTY) return { kind: "prompt" };
  throw usage(`Cannot go on without a ${name}`, `Give one of ${flags}`);
}

function isStandardInput(source: TextSource): boolean {
  return source.kind === "file" && source.path === "-";
}

async function readText(name: TextName, source: TextSource, { isRepeated = false } = {}): Promise<string> {
  const text = await textFrom(name, source, isRepeated);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes >= 1 && sizeBytes <= maxBytes[name]) return text;
  const found = sizeBytes > maxBytes[name] ? "more" : `${sizeBytes} bytes`;
  throw usage(
    `Cannot use this ${name}: found ${found}, expected 1 to ${maxBytes[name]} bytes of UTF-8`,
    `Choose another ${name}`,
  );
}

async function textFrom(name: TextName, source: TextSource, isRepeated: boolean): Promise<string> {
  switch (source.kind) {
    case "given":
      return source.text;
    case "file":
      return withoutLineEnd(await readStart(source.path, maxBytes[name] + lineEndMaxBytes + 1));
    case "prompt": {
      const title = name === "key" ? "Key" : "Secret";
      const text = await ask(`${title}: `);
      // A key with a slip in it would never open the mark again, and nobody sees what was typed.
      if (isRepeated && (await ask(`${title} again: `)) !== text) {
        throw usage("Cannot use this key: found two different ones", "Type the same key twice");
      }
      return text;
    }
  }
}

/** Reads at most `sizeMaxBytes`, so that a wrong name, such as that of a device, does no harm. */
async function readStart(path: string, sizeMaxBytes: number): Promise<string> {
  const file = await open(path === "-" ? standardInput : path);
  try {
    const bytes = Buffer.alloc(sizeMaxBytes);
    let length = 0;
    while (length < sizeMaxBytes) {
      const { bytesRead } = await file.read(bytes, length, sizeMaxBytes - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    // What is cut may be cut inside a character; it is refused for its length.
    return new TextDecoder("utf-8", { fatal: length < sizeMaxBytes }).decode(bytes.subarray(0, length));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usage(`Cannot read ${JSON.stringify(path)}: found bytes that are no UTF-8`, "Give a text file");
  } finally {
    await file.close();
  }
}

/** Editors end the last line; nobody means that end. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

/** Asks on the terminal without showing the answer. */
function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw usage("Cannot ask: found no terminal", "Use a file instead of a prompt");
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    terminal.once("line", (line) => {
      resolve(line);
      terminal.close();
    });
    terminal.once("SIGINT", () => {
      terminal.close();
      process.exit(exitCodeInterrupted);
    });
    terminal.once("close", () => {
      process.stderr.write("\n");
      // Of no effect behind an answer.
      reject(usage("Cannot go on: the question was not answered", "Run it again"));
    });
  });
}

function usage(message: string, hint: string): WatermarkCommandError {
  return new WatermarkCommandError("usage", { message, hint });
}
