import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { syncDirectory } from "../wal/wal-directory.ts";
import { orCorrupt } from "./block-file.ts";
import { metaFileName } from "./block-layout.ts";
import type { BlockMeta, BlockStats } from "./block-meta.ts";
import { isUlid } from "./ulid.ts";

/** Enough for the names of 100 000 sources; more is no meta.json. */
const sizeMaxBytes = 16 * 1024 * 1024;

/**
 * @throws {BlockCorruptError} there is no such file, or it is not what it should be
 * @throws {BlockUnsupportedError} it has another version
 */
export function readBlockMeta(directory: string): BlockMeta {
  const path = join(directory, metaFileName);
  const value = parseFile(path);
  const version = fieldOf(value, "version");
  if (version !== undefined && version !== 1) {
    throw new BlockUnsupportedError(`found version ${JSON.stringify(version)}, expected 1`, path);
  }
  const problem = problemOf(value);
  if (problem !== null) throw new BlockCorruptError(`found ${problem}`, { path, offsetBytes: 0 });
  return complete(value as BlockMeta);
}

/** Puts meta.json into a block's directory in one step, durably. */
export function writeBlockMeta(directory: string, meta: BlockMeta): void {
  replaceFile(directory, metaFileName, Buffer.from(`${JSON.stringify(meta, null, "\t")}\n`));
}

/** Puts a file in the place of another, so that after a crash one of the two is there, whole. */
export function replaceFile(directory: string, name: string, bytes: Uint8Array): void {
  const path = join(directory, name);
  const temporaryPath = `${path}.tmp`;
  const file = openSync(temporaryPath, "w", 0o644);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporaryPath, path);
  syncDirectory(directory);
}

function parseFile(path: string): unknown {
  const sizeBytes = orCorrupt(path, () => statSync(path).size);
  if (sizeBytes > sizeMaxBytes) {
    throw new BlockCorruptError(`it has more than ${sizeMaxBytes} bytes`, { path, offsetBytes: 0 });
  }
  const text = orCorrupt(path, () => readFileSync(path, "utf8"));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BlockCorruptError((error as SyntaxError).message, { path, offsetBytes: 0 });
  }
}

const noStats: BlockStats = { numSamples: 0, numSeries: 0, numChunks: 0 };

/** Puts in what older blocks leave out. Fields of other programs stay. */
function complete(meta: BlockMeta): BlockMeta {
  const stats = { ...noStats, ...meta.stats };
  return { ...meta, stats, compaction: { ...meta.compaction, sources: meta.compaction.sources ?? [] } };
}

/** What is wrong with the content, in words; null when it is sound. */
function problemOf(meta: unknown): string | null {
  if (fieldOf(meta, "version") !== 1) return "no version";
  const ulid = fieldOf(meta, "ulid");
  if (typeof ulid !== "string" || !isUlid(ulid)) return "no ULID";
  const minTimeMs = fieldOf(meta, "minTime");
  const maxTimeMs = fieldOf(meta, "maxTime");
  if (!isWhole(minTimeMs) || !isWhole(maxTimeMs) || minTimeMs > maxTimeMs) return "no range of times";
  const stats = fieldOf(meta, "stats");
  const counts = ["numSamples", "numSeries", "numChunks"];
  for (const count of counts) if (!isWhole(fieldOf(stats, count) ?? 0)) return `no number in stats.${count}`;
  const compaction = fieldOf(meta, "compaction");
  if (!isWhole(fieldOf(compaction, "level"))) return "no level of compaction";
  const sources = fieldOf(compaction, "sources") ?? [];
  if (!Array.isArray(sources) || !sources.every((source) => typeof source === "string")) return "no sources";
  return null;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
