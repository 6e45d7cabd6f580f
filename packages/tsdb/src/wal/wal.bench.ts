// One iteration is 100 scrapes of 1000 series: a mean of 1 ms is 10 ns a sample.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteWriter, crc32c, decodeSnappy, encodeSnappy, snappySizeMaxBytes } from "@tatou/kernels";
import { afterAll, bench, describe } from "vitest";
import { SampleBatch } from "../sample-batch.ts";
import { nodeFiles } from "./files.ts";
import { RecordDecoder } from "./record.ts";
import { writeSamples } from "./sample-record.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { segmentSizeMaxBytes } from "./wal-format.ts";

const seriesCount = 1000;
const directory = mkdtempSync(join(tmpdir(), "tatou-wal-bench-"));
afterAll(() => rmSync(directory, { recursive: true }));

const batches = Array.from({ length: 100 }, (_, scrape) => batchOf(scrape));
const records = batches.map((batch) => recordOf(batch));
const blocks = records.map((record) => {
  const block = new Uint8Array(snappySizeMaxBytes(record.length));
  return block.slice(0, encodeSnappy(record, block));
});
const target = new Uint8Array(snappySizeMaxBytes(records[0]!.length) * 2);
const path = writeSegment();
let sampleCount = 0;
const decoder = new RecordDecoder({
  onSamples: (samples) => void (sampleCount += samples.count),
  onSeries: ignore,
  onTombstone: ignore,
  onHistogram: ignore,
  onExemplar: ignore,
  onMetadata: ignore,
  onMmapMarker: ignore,
  onMinValidTime: ignore,
  onSkipped: ignore,
});

describe("a commit", () => {
  const writer = new ByteWriter(64 * 1024);
  bench("record", () => {
    for (const batch of batches) {
      writer.length = 0;
      writeSamples(writer, batch, 0, batch.count);
    }
  });
  bench("snappy", () => {
    for (const record of records) encodeSnappy(record, target);
  });
  bench("crc32c", () => {
    for (const block of blocks) crc32c(block);
  });
});

describe("a start", () => {
  bench("snappy", () => {
    for (const block of blocks) decodeSnappy(block, segmentSizeMaxBytes, target);
  });
  bench("record", () => {
    for (const record of records) decoder.visit(record);
  });
  bench("read, checksum, snappy and record of a segment", () => {
    const reader = new SegmentReader(path);
    while (reader.next()) decoder.visit(reader.record);
    reader.close();
  });
});

/** Half of the series stand still, three in ten count, two in ten move with decimals. */
function batchOf(scrape: number): SampleBatch {
  const batch = new SampleBatch();
  const words = new Int32Array(2);
  const value = new Float64Array(words.buffer);
  for (let series = 0; series < seriesCount; series++) {
    const kind = series % 10;
    const counted = scrape * (kind + 1) + (scrape % (kind + 1));
    const moved = Math.round(1000 * Math.sin(scrape + series)) / 10;
    value[0] = kind < 5 ? series : kind < 8 ? counted : moved;
    batch.add(5000 + series, 1_700_000_000_000 + scrape * 15_000, words[1]!, words[0]!);
  }
  return batch;
}

function recordOf(batch: SampleBatch): Uint8Array {
  const writer = new ByteWriter();
  writeSamples(writer, batch, 0, batch.count);
  return writer.written().slice();
}

function writeSegment(): string {
  const writer = new SegmentWriter({ directory, files: nodeFiles, segmentSizeMaxBytes }, 0);
  for (const record of records) {
    writer.stage(record);
    writer.flush();
  }
  writer.close();
  return join(directory, "00000000");
}

function ignore(): void {
  // Only samples are in these records.
}
