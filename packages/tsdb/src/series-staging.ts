import { ByteWriter } from "@tatou/kernels";
import type { Head } from "./head/head.ts";
import { writeSeries } from "./wal/record.ts";
import { recordType } from "./wal/wal-format.ts";

/** A record of series is ended at this size, so that it stays far below that of a segment. */
const recordSizeBytes = 1 << 20;

/** Hands over records of all live series from a ref on; each record is valid until the next one. */
export function stageSeries(head: Head, fromRef: number, stage: (record: Uint8Array) => void): void {
  if (fromRef >= head.index.series.nextRef) return;
  const record = new ByteWriter();
  for (const ref of head.index.series.refs(fromRef)) {
    if (record.length === 0) record.uint8(recordType.series);
    writeSeries(record, ref, head.index.labelsOf(ref));
    if (record.length < recordSizeBytes) continue;
    stage(record.written());
    record.length = 0;
  }
  if (record.length > 0) stage(record.written());
}
