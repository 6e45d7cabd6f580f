/** The flags of Prometheus that are about the storage, for `tatou engine`. */
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseBase2Bytes } from "@tatou/config";
import type { StorageFeatures, StorageFlags } from "@tatou/engine";
import { durationMs, positiveInteger } from "./shared-options.ts";

const hour = 3_600_000;
const mebibyte = 1024 * 1024;

/** What a Prometheus may be started with and what changes nothing here. */
const withoutEffect = "accepted, and without effect";

/** Puts them onto a command. */
export function withStorageOptions(name: string) {
  return new Command(name)
    .option("--storage.tsdb.path <directory>", "a Prometheus data directory", "data")
    .option(
      "--storage.tsdb.retention.time <duration>",
      "how long samples are kept (default 15d, unless a size is set)",
      durationMs,
    )
    .option(
      "--storage.tsdb.retention.size <bytes>",
      "how much room blocks may take, as in 512MB; the oldest go first",
      sizeBytes,
    )
    .option("--storage.tsdb.retention.percentage <percentage>", "the same as a share of the disk", percentage)
    .option(
      "--storage.tsdb.min-block-duration <duration>",
      "how much time the first block of samples covers",
      durationMs,
      2 * hour,
    )
    .option(
      "--storage.tsdb.max-block-duration <duration>",
      "the longest a merged block may be (default a tenth of the retention, at most 31d)",
      durationMs,
    )
    .option(
      "--storage.tsdb.wal-segment-size <bytes>",
      "size of a file of the log, 10MB to 256MB (default 128MB)",
      walSegmentSize,
    )
    .option(
      "--storage.tsdb.max-series <count>",
      "from so many series on, new ones are folded into one per metric and job (default no limit)",
      positiveInteger,
    )
    .option("--storage.tsdb.wal-compression", `${withoutEffect}: the log is always compressed`, true)
    .option("--no-storage.tsdb.wal-compression", withoutEffect)
    .addOption(
      new Option("--storage.tsdb.wal-compression-type <name>", `${withoutEffect}: snappy is written, both are read`)
        .choices(["snappy", "zstd"])
        .default("snappy" as const),
    )
    .option("--storage.tsdb.no-lockfile", `${withoutEffect}: the lock is a plain file, which works everywhere`)
    .option(
      "--storage.tsdb.head-chunks-write-queue-size <count>",
      `${withoutEffect}: there is no such queue`,
      wholeNumber,
      0,
    );
}

export type StorageOptionValues = ReturnType<ReturnType<typeof withStorageOptions>["opts"]>;

/** What the engine is told of them. */
export function storageFlagsOf(options: StorageOptionValues, features: StorageFeatures): StorageFlags {
  return {
    ...features,
    retentionTimeMs: options["storage.tsdb.retention.time"] ?? null,
    retentionSizeBytes: options["storage.tsdb.retention.size"] ?? null,
    retentionPercentage: options["storage.tsdb.retention.percentage"] ?? null,
    minBlockDurationMs: options["storage.tsdb.minBlockDuration"],
    maxBlockDurationMs: options["storage.tsdb.maxBlockDuration"] ?? null,
    walSegmentSizeBytes: options["storage.tsdb.walSegmentSize"] ?? null,
    seriesCountMax: options["storage.tsdb.maxSeries"] ?? null,
  };
}

/** For commander: refuses in Prometheus' words. */
function sizeBytes(text: string): number {
  try {
    return parseBase2Bytes(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}. Write a number with a unit, as in 512MB.`);
  }
}

function walSegmentSize(text: string): number {
  const size = sizeBytes(text);
  if (size < 10 * mebibyte || size > 256 * mebibyte)
    throw new InvalidArgumentError("flag 'storage.tsdb.wal-segment-size' must be set between 10MB and 256MB.");
  return size;
}

function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError("Expected a percentage from 0 to 100.");
  return value;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
