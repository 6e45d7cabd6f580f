/** What a record of the log holds (docs/format/wal.md), handed over piece by piece. */
import type { Labels } from "@tatou/model";
import type { Tombstone } from "../head/tombstones.ts";
import { type HistogramVisitor, histogramRecordTypes, visitHistograms } from "./histogram-record.ts";
import { RecentTexts, TextReader } from "./record-texts.ts";
import { RecordSamples, readSamples } from "./sample-record.ts";
import {
  type ExemplarRow,
  type MetadataRow,
  type MmapMarker,
  visitExemplars,
  visitMetadata,
  visitMmapMarkers,
  visitSeries,
  visitTombstones,
} from "./series-record.ts";
import { recordType } from "./wal-format.ts";

/** What is done with what a record holds. */
export interface RecordVisitor extends HistogramVisitor {
  onSeries(ref: number, labels: Labels): void;
  /** All samples of a record. The columns are overwritten by the next record. */
  onSamples(samples: RecordSamples): void;
  onTombstone(tombstone: Tombstone): void;
  onExemplar(row: ExemplarRow): void;
  onMetadata(row: MetadataRow): void;
  /** In the out-of-order log. */
  onMmapMarker(marker: MmapMarker): void;
  /** In checkpoints: everything before was dropped from the log. */
  onMinValidTime(timeMs: number): void;
  /** Something that cannot be kept, in words that are the same for everything of its kind, as "records of type 99". */
  onSkipped(what: string): void;
}

/** Takes records apart. */
export class RecordDecoder {
  readonly #samples = new RecordSamples();
  readonly #recentTexts = new RecentTexts();
  readonly #visitor: RecordVisitor;

  constructor(visitor: RecordVisitor) {
    this.#visitor = visitor;
  }

  /** @throws {CodecError} the record is damaged; what stands before the damage was visited */
  visit(record: Uint8Array): void {
    const visitor = this.#visitor;
    const type = record[0];
    if (type === recordType.samples || type === recordType.samplesWithStartTimes) this.#visitSamples(record);
    else if (histogramRecordTypes.includes(type ?? 0)) visitHistograms(record, visitor);
    else if (type !== undefined) visitRare(type, new TextReader(record, this.#recentTexts), visitor);
  }

  #visitSamples(record: Uint8Array): void {
    try {
      readSamples(record, this.#samples);
    } finally {
      if (this.#samples.count > 0) this.#visitor.onSamples(this.#samples);
    }
  }
}

function visitRare(type: number, reader: TextReader, visitor: RecordVisitor): void {
  reader.position = 1;
  if (type === recordType.series) visitSeries(reader, (ref, labels) => visitor.onSeries(ref, labels));
  else if (type === recordType.tombstones) visitTombstones(reader, (tombstone) => visitor.onTombstone(tombstone));
  else if (type === recordType.exemplars) visitExemplars(reader, (row) => visitor.onExemplar(row));
  else if (type === recordType.metadata) visitMetadata(reader, (row) => visitor.onMetadata(row));
  else if (type === recordType.mmapMarkers) visitMmapMarkers(reader, (marker) => visitor.onMmapMarker(marker));
  else if (type === recordType.minValidTime) visitor.onMinValidTime(reader.int64Rounded());
  else visitor.onSkipped(`records of type ${type}`);
}
