import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentReader } from "./environment-reader.ts";
import { ServerSettingsError } from "./errors.ts";
import { type RmapSettings, readRmapSettings } from "./rmap/rmap-settings.ts";

/** What one server is made from. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Signs the bearer tokens; at least 32 bytes unless `weaknesses` says otherwise. */
  readonly secretKey: Uint8Array;
  readonly tokenLifetimeSeconds: number;
  readonly storageDir: string;
  /** A file, or `:memory:`. */
  readonly sqlitePath: string;
  readonly uploadMaxBytes: number;
  /** CIDR networks whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  /** CIDR networks that may read /metrics. */
  readonly metricsAllow: readonly string[];
  /** What a reader of /metrics outside this machine must present; null for nothing. */
  readonly metricsToken: string | null;
  readonly metricsClientIpCountMax: number;
  readonly limits: ServerLimits;
  /** Null when RMAP is not configured. */
  readonly rmap: RmapSettings | null;
  readonly logLevel: string;
  /** Names what is broken on purpose at the moment; null outside of drills. */
  readonly drillFaultsFile: string | null;
  /** Known-weak settings, one sentence each: the server starts, and reports them. */
  readonly weaknesses: readonly string[];
}

/** How often a client may do what. */
export interface ServerLimits {
  readonly loginPerPairMax: number;
  readonly loginPerIpMax: number;
  readonly loginPerAccountMax: number;
  readonly loginWindowSeconds: number;
  readonly requestsPerMinuteMax: number;
  readonly signUpsPer10MinutesMax: number;
  readonly uploadsPer10MinutesMax: number;
  readonly watermarksPer10MinutesMax: number;
  readonly linkMissesPerMinuteMax: number;
  readonly rmapRequestsPerMinuteMax: number;
  readonly rmapHandshakesPerMinuteMax: number;
}

/** Values for the signing key that stand in public sources or manuals. */
const knownSecretKeys = new Set(["dev-secret-change-me", "change-me", "changeme", "secret", "your-secret-key"]);
const secretKeyMinBytes = 32;
const drillFaultsName = "TATOU_DRILL_FAULTS";
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const privateNetworks = [
  "127.0.0.0/8",
  "::1/128",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
];

/**
 * Reads the settings of a server from environment variables; those that are absent or empty take their defaults.
 * Without SECRET_KEY and outside production the key is random, so tokens end with the process.
 *
 * @throws {ServerSettingsError} names every variable that cannot be used, and what it should be
 */
export function readServerSettings(env: Readonly<Record<string, string | undefined>>): ServerSettings {
  const reader = new EnvironmentReader(env);
  const storageDir = reader.text("STORAGE_DIR", "./storage");
  const databaseClient = reader.oneOf("DB_CLIENT", ["sqlite"], "sqlite");
  const { secretKey, weaknesses: keyWeaknesses } = readSecretKey(reader);
  const drillFaultsFile = readDrillFaultsFile(reader);
  const metricsAllow = reader.networks("METRICS_ALLOW", privateNetworks);
  const metricsToken = reader.optionalText("METRICS_TOKEN");
  const settings = {
    host: reader.text("HOST", "127.0.0.1"),
    port: reader.integer("PORT", 5_000, { min: 0, max: 65_535 }),
    secretKey,
    tokenLifetimeSeconds: reader.integer("TOKEN_TTL_SECONDS", 3_600, { min: 1, max: 31_536_000 }),
    storageDir,
    sqlitePath: reader.text("SQLITE_PATH", join(storageDir, `tatou.${databaseClient}`)),
    uploadMaxBytes: reader.integer("MAX_UPLOAD_BYTES", 26_214_400, { min: 1_024, max: 1_073_741_824 }),
    trustedProxies: reader.networks("TRUSTED_PROXIES", []),
    metricsAllow,
    metricsToken,
    metricsClientIpCountMax: reader.integer("METRICS_MAX_CLIENT_IPS", 100, { min: 1, max: 10_000 }),
    limits: readLimits(reader),
    rmap: readRmapSettings(reader),
    logLevel: reader.oneOf("LOG_LEVEL", logLevels, "info"),
    drillFaultsFile,
    weaknesses: [
      ...keyWeaknesses,
      ...metricsWeaknesses(metricsAllow, metricsToken),
      ...drillWeaknesses(drillFaultsFile),
    ],
  };
  if (reader.problems.length > 0) throw new ServerSettingsError(reader.problems);
  return settings;
}

function readLimits(reader: EnvironmentReader): ServerLimits {
  const count = (name: string, fallback: number): number => reader.integer(name, fallback, { min: 1, max: 1_000_000 });
  return {
    loginPerPairMax: count("LOGIN_MAX_PER_PAIR", 5),
    loginPerIpMax: count("LOGIN_MAX_PER_IP", 20),
    loginPerAccountMax: count("LOGIN_MAX_PER_ACCOUNT", 30),
    loginWindowSeconds: reader.integer("LOGIN_WINDOW_SECONDS", 60, { min: 1, max: 86_400 }),
    requestsPerMinuteMax: count("RATE_LIMIT_GLOBAL_PER_MINUTE", 1_200),
    signUpsPer10MinutesMax: count("RATE_LIMIT_SIGNUP_PER_10MIN", 30),
    uploadsPer10MinutesMax: count("RATE_LIMIT_UPLOAD_PER_10MIN", 60),
    watermarksPer10MinutesMax: count("RATE_LIMIT_WATERMARK_PER_10MIN", 120),
    linkMissesPerMinuteMax: count("RATE_LIMIT_LINK_MISS_PER_MINUTE", 60),
    rmapRequestsPerMinuteMax: count("RATE_LIMIT_RMAP_PER_MINUTE", 60),
    rmapHandshakesPerMinuteMax: count("RATE_LIMIT_RMAP_HANDSHAKES_PER_MINUTE", 10),
  };
}

function readSecretKey(reader: EnvironmentReader): Pick<ServerSettings, "secretKey" | "weaknesses"> {
  const isProduction = isInProduction(reader);
  const text = readSecretText(reader);
  if (text === null) {
    if (isProduction) reader.addProblem("SECRET_KEY is missing, expected at least 32 bytes (openssl rand -hex 32)");
    return { secretKey: randomBytes(secretKeyMinBytes), weaknesses: [] };
  }
  const secretKey = new TextEncoder().encode(text);
  if (isKnownKey(text)) {
    if (isProduction) reader.addProblem("SECRET_KEY is a published default, expected one of your own");
    return { secretKey, weaknesses: ["SECRET_KEY is a published default: anybody can sign tokens"] };
  }
  if (secretKey.length < secretKeyMinBytes) {
    reader.addProblem(`SECRET_KEY has ${secretKey.length} bytes, expected at least ${secretKeyMinBytes}`);
  }
  return { secretKey, weaknesses: [] };
}

function readSecretText(reader: EnvironmentReader): string | null {
  const path = reader.optionalText("SECRET_KEY_FILE");
  if (path === null) return reader.optionalText("SECRET_KEY");
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    reader.addProblem(`SECRET_KEY_FILE ${JSON.stringify(path)} cannot be read, expected a file with the key`);
    return null;
  }
}

function readDrillFaultsFile(reader: EnvironmentReader): string | null {
  const path = reader.optionalText(drillFaultsName);
  if (path !== null && isInProduction(reader))
    reader.addProblem(`${drillFaultsName} is set, expected nothing in production: it lets a file break the server`);
  return path;
}

function drillWeaknesses(drillFaultsFile: string | null): readonly string[] {
  return drillFaultsFile === null ? [] : [`${drillFaultsName} lets a file break this server on purpose`];
}

function isInProduction(reader: EnvironmentReader): boolean {
  return reader.text("NODE_ENV", "") === "production";
}

function metricsWeaknesses(allow: readonly string[], token: string | null): readonly string[] {
  const isOpen = token === null && allow.some((cidr) => cidr.endsWith("/0"));
  return isOpen ? ["METRICS_ALLOW lets everybody read /metrics, and METRICS_TOKEN is not set"] : [];
}

/** A published key, or one character over and over. */
function isKnownKey(text: string): boolean {
  return knownSecretKeys.has(text.toLowerCase()) || new Set(text).size === 1;
}
