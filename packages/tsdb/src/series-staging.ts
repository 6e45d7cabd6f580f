import { ByteWriter } from "@tatou/kernels";
import type { Head } from "./head/head.ts";
import { atOnce, type Steps } from "./turns.ts";
import { writeSeries } from "./wal/series-record.ts";
import { recordType } from "./wal/wal-format.ts";

/** A record of series is ended at this size, so that it stays far below that of a segment. */
const recordSizeBytes = 1 << 20;
/** Well below a millisecond. */
const seriesPerStep = 64;

/** Hands over records of all live series from a ref on; each record is valid until the next one. */
export function stageSeries(head: Head, fromRef: number, stage: (record: Uint8Array) => void): void {
  atOnce(stageSeriesInSteps(head, fromRef, stage));
}

/** As stageSeries, some series a step. */
export function* stageSeriesInSteps(head: Head, fromRef: number, stage: (record: Uint8Array) => void): Steps<void> {
  if (fromRef >= head.index.series.nextRef) return;
  const record = new ByteWriter();
  let count = 0;
  for (const ref of head.index.series.refs(fromRef)) {
    if (++count % seriesPerStep === 0) yield;
    // It may have gone since the step before.
    if (!head.isLive(ref)) continue;
    if (record.length === 0) record.uint8(recordType.series);
    writeSeries(record, ref, head.index.labelsOf(ref));
    if (record.length < recordSizeBytes) continue;
    stage(record.written());
    record.length = 0;
  }
  if (record.length > 0) stage(record.written());
}

/** Hands over records of the refs that stand for live series of other refs, which come before them. */
export function stageAliases(
  head: Head,
  aliases: ReadonlyMap<number, number>,
  stage: (record: Uint8Array) => void,
): void {
  const record = new ByteWriter();
  for (const [alias, ref] of aliases) {
    if (!head.isLive(ref) || head.isLive(alias)) continue;
    if (record.length === 0) record.uint8(recordType.series);
    writeSeries(record, alias, head.index.labelsOf(ref));
    if (record.length < recordSizeBytes) continue;
    stage(record.written());
    record.length = 0;
  }
  if (record.length > 0) stage(record.written());
}
