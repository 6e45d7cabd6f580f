import { existsSync } from "node:fs";
import { CodecError } from "@tatou/kernels";
import { WalCorruptError } from "../errors.ts";
import { RecordDecoder } from "../wal/record.ts";
import { SegmentReader } from "../wal/segment-reader.ts";
import { checkpointPath, listCheckpoints, listSegments, type SegmentFile } from "../wal/wal-directory.ts";
import { segmentName } from "../wal/wal-format.ts";
import type { DataProblem, VerifyContext } from "./data-problem.ts";
import { ignoringVisitor } from "./ignoring-visitor.ts";

/** Reads every record of a log: its newest checkpoint and its segments. @param directory `wal` or `wbl` itself */
export function verifyLog(directory: string, context: VerifyContext): void {
  if (!existsSync(directory)) return;
  const checkpoint = listCheckpoints(directory).at(-1);
  if (checkpoint !== undefined) verifySegments(listSegments(checkpointPath(directory, checkpoint)), context, false);
  const segments = listSegments(directory).filter(({ index }) => index > (checkpoint ?? -1));
  verifySegments(segments, context, context.isInUse);
}

function verifySegments(segments: readonly SegmentFile[], context: VerifyContext, isWritten: boolean): void {
  for (const [position, segment] of segments.entries()) {
    const before = segments[position - 1];
    if (before !== undefined && segment.index !== before.index + 1) {
      const what = `segment ${segmentName(before.index + 1)} before it is missing`;
      context.report({ path: segment.path, offsetBytes: 0, what });
    }
    verifySegment(segment, context, isWritten && position === segments.length - 1);
  }
}

/** Tells where each stretch begins that holds no sound record. */
function verifySegment({ path }: SegmentFile, context: VerifyContext, isWritten: boolean): void {
  context.onFile(path);
  const reader = new SegmentReader(path);
  const decoder = new RecordDecoder(ignoringVisitor);
  let pending: DataProblem | null = null;
  const tell = (): void => {
    if (pending !== null) context.report(pending);
    pending = null;
  };
  try {
    for (;;) {
      try {
        if (!reader.next()) break;
        decoder.visit(reader.record);
        tell();
      } catch (error) {
        pending ??= damageOf(error, path, reader.recordOffsetBytes);
        reader.skipDamage();
      }
    }
    // The end of a segment that is being written may be half a record.
    if (!isWritten) tell();
  } finally {
    context.counts.segments++;
    context.counts.bytes += reader.sizeBytes;
    reader.close();
  }
}

function damageOf(error: unknown, path: string, offsetBytes: number): DataProblem {
  if (error instanceof WalCorruptError) return { path, offsetBytes: error.offsetBytes, what: error.what };
  if (error instanceof CodecError) return { path, offsetBytes, what: error.message };
  throw error;
}
