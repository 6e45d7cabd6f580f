import { EnvironmentReader } from "../environment-reader.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import { secretFrom } from "./private-file.ts";

/** What RMAP needs to hand out marked copies. */
export interface RmapSettings {
  /** Holds `server_priv.asc`, `server_pub.asc` and `clients/<identity>.asc`. */
  readonly keysDir: string;
  /** Of the server's private key; null when it has none. */
  readonly passphrase: string | null;
  /** What is copied and marked. */
  readonly document:
    | { readonly kind: "stored"; readonly id: number }
    | { readonly kind: "file"; readonly path: string };
  readonly watermarkMethod: string;
  readonly watermarkKey: string;
  readonly sessionLifetimeMs: number;
  /** Null: links stay until their document goes. */
  readonly linkLifetimeMs: number | null;
  /** Adds the result in plain words, for clients of the first generation. */
  readonly hasPlaintextResult: boolean;
}

const keysName = "RMAP_KEYS_DIR";
const documentNames = ["RMAP_DOCUMENT_ID", "RMAP_DOCUMENT_PATH"] as const;
const watermarkKeyName = "RMAP_WATERMARK_KEY";
/** Whoever sets one of these wants RMAP; the others only tune it. */
const essentialNames = [
  keysName,
  ...documentNames,
  watermarkKeyName,
  `${watermarkKeyName}_FILE`,
  "RMAP_SERVER_PASSPHRASE",
  "RMAP_SERVER_PASSPHRASE_FILE",
];
const watermarkKeyMaxBytes = 1_024;

/** Whether an environment asks for RMAP at all, completely or not. */
export function isRmapConfigured(env: Readonly<Record<string, string | undefined>>): boolean {
  return asksForRmap(new EnvironmentReader(env));
}

/** Null when RMAP is not configured; a half of it is a problem of the reader, which names what is missing. */
export function readRmapSettings(reader: EnvironmentReader): RmapSettings | null {
  if (!asksForRmap(reader)) return null;
  const keysDir = reader.optionalText(keysName);
  if (keysDir === null) reader.addProblem(`${keysName} is missing, expected the folder with the keys of RMAP`);
  return {
    keysDir: keysDir ?? "",
    passphrase: secretFrom(reader, "RMAP_SERVER_PASSPHRASE"),
    document: readDocument(reader),
    watermarkKey: readWatermarkKey(reader),
    ...readTuning(reader),
  };
}

function asksForRmap(reader: EnvironmentReader): boolean {
  return essentialNames.some((name) => reader.optionalText(name) !== null);
}

function readTuning(reader: EnvironmentReader) {
  const linkSeconds = reader.integer("RMAP_LINK_TTL_SECONDS", 86_400, { min: 0, max: 315_360_000 });
  return {
    watermarkMethod: reader.oneOf("RMAP_WATERMARK_METHOD", [...watermarkMethods.keys()], "layered"),
    sessionLifetimeMs: reader.integer("RMAP_SESSION_TTL_SECONDS", 120, { min: 1, max: 3_600 }) * 1_000,
    linkLifetimeMs: linkSeconds === 0 ? null : linkSeconds * 1_000,
    hasPlaintextResult: reader.oneOf("RMAP_PLAINTEXT_RESULT", ["true", "false"], "false") === "true",
  };
}

function readDocument(reader: EnvironmentReader): RmapSettings["document"] {
  const [idText, path] = documentNames.map((name) => reader.optionalText(name));
  const isOne = (idText === null) !== (path === null);
  if (!isOne) {
    const found = idText === null ? "are both missing" : "are both set";
    reader.addProblem(`${documentNames.join(" and ")} ${found}, expected one of them`);
  }
  if (typeof path === "string") return { kind: "file", path };
  const range = { min: 1, max: 999_999_999_999_999 };
  return { kind: "stored", id: reader.integer("RMAP_DOCUMENT_ID", 1, range) };
}

function readWatermarkKey(reader: EnvironmentReader): string {
  const problemCount = reader.problems.length;
  const key = secretFrom(reader, watermarkKeyName);
  if (key === null) {
    // A file that cannot be used was told already.
    if (reader.problems.length === problemCount) {
      reader.addProblem(`${watermarkKeyName} is missing, expected the key that watermarks are made with`);
    }
    return "";
  }
  if (Buffer.byteLength(key) > watermarkKeyMaxBytes) {
    reader.addProblem(`${watermarkKeyName} has more than ${watermarkKeyMaxBytes} bytes, expected at most that many`);
  }
  return key;
}
