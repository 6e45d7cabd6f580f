import { cpSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter } from "@tatou/kernels";
import {
  type Exemplar,
  type Histogram,
  type Labels,
  labelsOf,
  newSampleColumn,
  silentLog,
  VirtualClock,
} from "@tatou/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { HeadChunkFiles } from "../head-chunks/head-chunk-files.ts";
import type { VisitedHeadChunk } from "../head-chunks/head-chunk-replay.ts";
import { SampleBatch } from "../sample-batch.ts";
import { PeerPrometheus, peerMissing } from "../testing/peer-prometheus.ts";
import { remoteWriteBody } from "../testing/remote-write.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { nodeFiles } from "./files.ts";
import { type HistogramRow, stageHistograms } from "./histogram-record.ts";
import { writeSamples } from "./sample-record.ts";
import { type ExemplarRow, type MmapMarker, writeExemplars, writeMmapMarkers, writeSeries } from "./series-record.ts";
import { Wal } from "./wal.ts";
import { recordType, segmentSizeMaxBytes } from "./wal-format.ts";

const missing = peerMissing();
const hourMs = 3_600_000;
const extra = {
  flags: ["--enable-feature=exemplar-storage,native-histograms", "--web.enable-remote-write-receiver"],
  config: "storage:\n  tsdb:\n    out_of_order_time_window: 2h\n  exemplars:\n    max_exemplars: 1000\n",
};
// A whole second, so that the peer's answers in seconds are exact; in the middle of two hours, so that no chunk is cut there.
const startMs = Math.floor(Date.now() / (2 * hourMs)) * 2 * hourMs - hourMs;
const floatLabels = labelsOf({ __name__: "floats", job: "a" });
const integerLabels = labelsOf({ __name__: "integers" });
const floatHistogramLabels = labelsOf({ __name__: "float_histograms" });

const inOrder = Array.from({ length: 300 }, (_, index) => ({ timestampMs: startMs + index * 1000, value: index / 7 }));
/** More than a chunk of them, so that one goes to chunks_head. */
const late = Array.from({ length: 50 }, (_, index) => ({
  timestampMs: startMs - 600_000 + index * 1000,
  value: -1 - index,
}));
const integers = Array.from({ length: 20 }, (_, index) => ({
  timestampMs: startMs + index * 1000,
  histogram: histogramOf("integer", index),
}));
const floatHistograms = integers.map(({ timestampMs }, index) => ({
  timestampMs,
  histogram: histogramOf("float", index),
}));
const exemplars: readonly Exemplar[] = [1, 2, 3].map((index) => ({
  labels: labelsOf({ trace_id: `t${index}` }),
  value: index / 3,
  timestampMs: startMs + index * 1000,
}));

function histogramOf(countKind: "integer" | "float", index: number): Histogram {
  const part = countKind === "integer" ? 1 : 0.5;
  return {
    countKind,
    counterReset: "unknown",
    schema: 3,
    zeroThreshold: 1e-128,
    zeroCount: 2 * part,
    count: (2 + 3 * (index + 1) + 4) * part,
    sum: index / 3,
    positiveSpans: [
      { offset: -3, length: 2 },
      { offset: 5, length: 1 },
    ],
    positiveBuckets: [(index + 1) * part, (index + 1) * part, (index + 1) * part],
    negativeSpans: [{ offset: 0, length: 1 }],
    negativeBuckets: [4 * part],
    customValues: [],
  };
}

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** What a log holds: samples as "labels time value". */
interface Contents {
  readonly series: Map<number, Labels>;
  readonly samples: string[];
  readonly histograms: HistogramRow[];
  readonly exemplars: ExemplarRow[];
  readonly markers: MmapMarker[];
  readonly skipped: string[];
  readonly problem: string | null;
}

async function readLog(path: string): Promise<{ contents: Contents; wal: Wal }> {
  const wal = new Wal({
    directory: path,
    files: nodeFiles,
    segmentSizeMaxBytes,
    clock: new VirtualClock(startMs),
    log: silentLog,
  });
  const contents = {
    series: new Map<number, Labels>(),
    samples: [] as string[],
    histograms: [] as HistogramRow[],
    exemplars: [] as ExemplarRow[],
    markers: [] as MmapMarker[],
    skipped: [] as string[],
  };
  await wal.replay(
    {
      onSeries: (ref, labels) => void contents.series.set(ref, labels),
      onSamples: ({ refs, timesMs, valueWords, count }) => {
        const values = new Float64Array(valueWords.buffer, valueWords.byteOffset, count);
        for (let row = 0; row < count; row++) contents.samples.push(`${refs[row]} ${timesMs[row]} ${values[row]}`);
      },
      onHistogram: (row) => void contents.histograms.push(row),
      onExemplar: (row) => void contents.exemplars.push(row),
      onMmapMarker: (marker) => void contents.markers.push(marker),
      onMetadata: () => {},
      onTombstone: () => {},
      onMinValidTime: () => {},
      onSkipped: (what) => void contents.skipped.push(what),
      takeMaxTimeMs: () => startMs,
      beginSegment: () => {},
    },
    () => {},
  );
  return { contents: { ...contents, problem: wal.repairs.problem }, wal };
}

const textsOf = (ref: number, samples: typeof inOrder): string[] =>
  samples.map(({ timestampMs, value }) => `${ref} ${timestampMs} ${value}`);

describe.skipIf(missing !== null)(`the files of a head${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test("as Prometheus wrote them: log, out-of-order log and chunks are read to the last bit", async () => {
    const peerPath = join(directory.path, "peer");
    const peer = await PeerPrometheus.start(directory.path, peerPath, false, extra);
    await peer.remoteWrite(
      remoteWriteBody([
        { labels: floatLabels, samples: inOrder, exemplars },
        { labels: integerLabels, histograms: integers },
        { labels: floatHistogramLabels, histograms: floatHistograms },
      ]),
    );
    await peer.remoteWrite(remoteWriteBody([{ labels: floatLabels, samples: late }]));
    await peer.stop();

    const { contents, wal } = await readLog(join(peerPath, "wal"));
    wal.close();
    const refOf = (labels: Labels): number =>
      [...contents.series].find(([, known]) => JSON.stringify(known) === JSON.stringify(labels))?.[0] ?? 0;
    const floatRef = refOf(floatLabels);
    expect(contents).toMatchObject({ problem: null, skipped: [], markers: [] });
    // Late samples stand in both logs.
    expect(contents.samples).toEqual([...textsOf(floatRef, inOrder), ...textsOf(floatRef, late)]);
    const rowsOf = (labels: Labels, rows: typeof integers): HistogramRow[] =>
      rows.map((row) => ({ ...row, ref: refOf(labels), startTimeMs: 0 }));
    expect(contents.histograms).toEqual(
      expect.arrayContaining([...rowsOf(integerLabels, integers), ...rowsOf(floatHistogramLabels, floatHistograms)]),
    );
    expect(contents.histograms).toHaveLength(40);
    expect(contents.exemplars).toEqual(exemplars.map((exemplar) => ({ ref: floatRef, exemplar })));

    const outOfOrder = await readLog(join(peerPath, "wbl"));
    outOfOrder.wal.close();
    expect(outOfOrder.contents.samples).toEqual(textsOf(floatRef, late));
    const { visited, report, samples } = readChunks(join(peerPath, "chunks_head"));
    expect(report.problem).toBeNull();
    expect(textsOf(floatRef, inOrder)).toEqual(expect.arrayContaining(samples(false)));
    expect(textsOf(floatRef, late)).toEqual(expect.arrayContaining(samples(true)));
    expect(samples(false).length).toBeGreaterThanOrEqual(120);
    expect(samples(true).length).toBeGreaterThanOrEqual(30);
    const { markers } = outOfOrder.contents;
    expect(markers.length).toBeGreaterThan(0);
    const places = visited
      .filter((chunk) => chunk.isOutOfOrder)
      .map(({ ref, file, offset }) => ({ ref, file, offset }));
    expect(places).toEqual(expect.arrayContaining(markers));
  }, 60_000);

  test("as we write them are read by Prometheus: samples of every kind, exemplars, chunks and late samples", async () => {
    const ownPath = join(directory.path, "own");
    await writeHeadFiles(ownPath);
    const copyPath = `${ownPath}-copy`;
    cpSync(ownPath, copyPath, { recursive: true });
    const peer = await PeerPrometheus.start(directory.path, copyPath, false, extra);
    try {
      const endMs = startMs + hourMs;
      const floats = await peer.samples("floats[2h]", endMs);
      expect([...floats.values()][0]).toEqual(
        [...late, ...inOrder].map(({ timestampMs, value }) => `${timestampMs} ${value}`),
      );
      for (const [name, rows] of [
        ["integers", integers],
        ["float_histograms", floatHistograms],
      ] as const) {
        const time = String(startMs / 1000);
        const range = { start: time, end: String(startMs / 1000 + 19), step: "1" };
        expect(await valuesOf(peer, `histogram_count(${name})`, range)).toEqual(
          rows.map(({ histogram }) => histogram.count),
        );
        expect(await valuesOf(peer, `histogram_sum(${name})`, range)).toEqual(
          rows.map(({ histogram }) => histogram.sum),
        );
      }
      const range = { query: "floats", start: String(startMs / 1000 - 60), end: String(endMs / 1000) };
      expect(await peer.get("/api/v1/query_exemplars", range)).toMatchObject([
        { exemplars: [1, 2, 3].map((index) => ({ labels: { trace_id: `t${index}` }, value: String(index / 3) })) },
      ]);
      expect(peer.complaints).toEqual([]);
    } finally {
      await peer.stop();
    }
  }, 60_000);
});

function readChunks(path: string) {
  const visited: VisitedHeadChunk[] = [];
  const { files, report } = HeadChunkFiles.open({ directory: path, files: nodeFiles, log: silentLog }, (chunk) => {
    visited.push(chunk);
  });
  const decoder = new ChunkDecoder();
  const samples = (isOutOfOrder: boolean): string[] =>
    visited
      .filter((chunk) => chunk.isOutOfOrder === isOutOfOrder && chunk.encoding === 1)
      .flatMap((chunk) => {
        const column = newSampleColumn();
        const { encoding, bytes } = files.read(chunk.file, chunk.offset);
        decoder.decodeInto({ encoding, bytes }, column);
        expect(column.count).toBe(chunk.sampleCount);
        return Array.from(
          { length: column.count },
          (_, row) => `${chunk.ref} ${column.timesMs[row]} ${column.values[row]}`,
        );
      });
  return { visited, report, samples };
}

async function valuesOf(peer: PeerPrometheus, query: string, range: Record<string, string>): Promise<number[]> {
  const { result } = (await peer.get("/api/v1/query_range", { query, ...range })) as {
    result: { values: [number, string][] }[];
  };
  return result[0]!.values.map(([, value]) => Number(value));
}

/** The files of a head that has one full chunk, and a chunk of late samples. */
async function writeHeadFiles(path: string): Promise<void> {
  const { wal } = await readLog(join(path, "wal"));
  const record = new ByteWriter();
  const staged = (stage: (bytes: Uint8Array) => void, write: () => void): void => {
    record.length = 0;
    write();
    stage(record.written());
  };
  wal.write((stage) => {
    staged(stage, () => {
      record.uint8(recordType.series);
      writeSeries(record, 1, floatLabels);
      writeSeries(record, 2, integerLabels);
      writeSeries(record, 3, floatHistogramLabels);
    });
    staged(stage, () => writeSamples(record, batchOf(inOrder), 0, inOrder.length));
    staged(stage, () =>
      writeExemplars(
        record,
        exemplars.map((exemplar) => ({ ref: 1, exemplar })),
      ),
    );
    const rows = [
      ...integers.map((row) => ({ ...row, ref: 2, startTimeMs: 0 })),
      ...floatHistograms.map((row) => ({ ...row, ref: 3, startTimeMs: 0 })),
    ];
    stageHistograms(rows, record, stage);
  }, startMs);
  wal.close();

  const chunkFiles = HeadChunkFiles.open(
    { directory: join(path, "chunks_head"), files: nodeFiles, log: silentLog },
    () => {},
  ).files;
  const places = chunkFiles.write([
    { ref: 1, isOutOfOrder: false, ...chunkOf(inOrder.slice(0, 120)) },
    { ref: 1, isOutOfOrder: true, ...chunkOf(late.slice(0, 32)) },
  ]);
  chunkFiles.close();

  const { wal: outOfOrderLog } = await readLog(join(path, "wbl"));
  outOfOrderLog.write((stage) => {
    staged(stage, () => writeSamples(record, batchOf(late.slice(0, 32)), 0, 32));
    staged(stage, () => writeMmapMarkers(record, [{ ref: 1, ...places[1]! }]));
    staged(stage, () => writeSamples(record, batchOf(late.slice(32)), 0, late.length - 32));
  }, startMs);
  outOfOrderLog.close();
}

function batchOf(samples: typeof inOrder): SampleBatch {
  const batch = new SampleBatch();
  const words = new Int32Array(2);
  const value = new Float64Array(words.buffer);
  for (const sample of samples) {
    value[0] = sample.value;
    batch.add(1, sample.timestampMs, words[1]!, words[0]!);
  }
  return batch;
}

function chunkOf(samples: typeof inOrder) {
  const column = newSampleColumn(samples.length);
  for (const [row, { timestampMs, value }] of samples.entries()) {
    column.timesMs[row] = timestampMs;
    column.values[row] = value;
  }
  column.count = samples.length;
  const [chunk] = new ChunkEncoder().encodeColumn(column, {
    samplesMax: 120,
    isBestWindows: false,
    keepStartTimes: false,
  });
  return chunk!;
}
