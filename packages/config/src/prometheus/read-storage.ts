import { type Fields, fault, type Located, readFields } from "../yaml/fields.ts";
import { base2Bytes, durationMs, float, integer, oneOf } from "../yaml/scalars.ts";
import type { StorageConfig } from "./prometheus-config.ts";

export const storageDefaults: StorageConfig = {
  outOfOrderTimeWindowMs: 0,
  retentionTimeMs: null,
  retentionSizeBytes: null,
  retentionPercentage: null,
  staleSeriesCompactionThresholdRatio: 0,
  chunkEncodingFloats: null,
  maxExemplars: null,
};

export function readStorage(at: Located): StorageConfig | undefined {
  return readFields(at, (fields) => ({
    ...storageDefaults,
    ...fields.get("tsdb", readTsdb),
    maxExemplars: fields.get("exemplars", readMaxExemplars) ?? null,
  }));
}

function readMaxExemplars(at: Located): number | undefined {
  return readFields(at, (fields) => fields.get("max_exemplars", integer(Number.MIN_SAFE_INTEGER))) ?? undefined;
}

function readTsdb(at: Located): Partial<StorageConfig> | undefined {
  return readFields(at, (fields) => ({
    outOfOrderTimeWindowMs: fields.get("out_of_order_time_window", durationMs) ?? 0,
    staleSeriesCompactionThresholdRatio: fields.get("stale_series_compaction_threshold", float) ?? 0,
    chunkEncodingFloats: fields.get("chunk_encoding", (inner) => readFields(inner, readChunkEncoding)) ?? null,
    ...fields.get("retention", (inner) => readFields(inner, readRetention)),
  }));
}

function readChunkEncoding(fields: Fields): StorageConfig["chunkEncodingFloats"] {
  return fields.get("floats", oneOf(["xor", "xor2"])) ?? null;
}

function readRetention(fields: Fields): Partial<StorageConfig> {
  return {
    retentionTimeMs: fields.get("time", durationMs) || null,
    retentionSizeBytes: fields.get("size", base2Bytes) || null,
    retentionPercentage: fields.get("percentage", percentage) || null,
  };
}

function percentage(at: Located): number | undefined {
  const value = float(at);
  if (value === undefined || (value >= 0 && value <= 100)) return value;
  return fault(at, `found ${value}, expected a percentage from 0 to 100`);
}
