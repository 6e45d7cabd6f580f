/** Reads a segment at a start, and repairs it: what is damaged goes, what stands before and behind it stays. */
import { mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CodecError } from "@tatou/kernels";
import { WalCorruptError } from "../errors.ts";
import { atOnce, type Steps } from "../turns.ts";
import type { WalFiles } from "./files.ts";
import { RecordDecoder, type RecordVisitor } from "./record.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { repairDirectoryName, type SegmentFile, syncDirectory } from "./wal-directory.ts";

/** What could not be read of a segment. */
export interface SegmentDamage {
  /** The first error. */
  readonly error: WalCorruptError;
  /** Stretches without a sound record between sound ones: at least so many records are lost. */
  readonly gapCount: number;
  readonly cutBytes: number;
  /** Whether a sound record follows a gap. */
  readonly isInside: boolean;
}

/**
 * Visits everything that is sound in a segment.
 *
 * @param isWanted by type of record; the others are gone over. Default: all are wanted
 * @returns what was damaged, or null
 */
export function visitSegment(
  path: string,
  visitor: RecordVisitor,
  isWanted?: (type: number) => boolean,
): SegmentDamage | null {
  return atOnce(visitSegmentInSteps(path, visitor, isWanted));
}

/** As visitSegment, a record a step. */
export function visitSegmentInSteps(
  path: string,
  visitor: RecordVisitor,
  isWanted?: (type: number) => boolean,
): Steps<SegmentDamage | null> {
  const decoder = new RecordDecoder(visitor);
  return visitRecords(new SegmentReader(path, isWanted), path, (record) => decoder.visit(record));
}

/** As visitSegment, record by record; one that makes `visit` throw a CodecError counts as damaged. */
function* visitRecords(
  reader: SegmentReader,
  path: string,
  visit: (record: Uint8Array) => void,
): Steps<SegmentDamage | null> {
  let first: WalCorruptError | null = null;
  let gapCount = 0;
  let cutBytes = 0;
  let gapStart = -1;
  try {
    for (;;) {
      try {
        if (!reader.next()) break;
        visit(reader.record);
        yield;
        if (gapStart === -1) continue;
        cutBytes += reader.recordOffsetBytes - gapStart;
        gapStart = -1;
      } catch (thrown) {
        const error = corruptError(thrown, path, reader.recordOffsetBytes);
        first ??= error;
        if (gapStart === -1) {
          gapStart = error.offsetBytes;
          gapCount++;
        }
        reader.skipDamage();
      }
    }
    if (first === null) return null;
    const isAtEnd = gapStart !== -1;
    if (isAtEnd) cutBytes += reader.sizeBytes - gapStart;
    return { error: first, gapCount, cutBytes, isInside: gapCount > 1 || !isAtEnd };
  } finally {
    reader.close();
  }
}

function corruptError(thrown: unknown, path: string, offsetBytes: number): WalCorruptError {
  if (thrown instanceof WalCorruptError) return thrown;
  if (thrown instanceof CodecError) return new WalCorruptError(thrown.message, { path, offsetBytes });
  throw thrown;
}

/** Takes the damage out of a file, so that any program reads it to its end. @throws the system's error; nothing is changed */
export function repairSegment(segment: SegmentFile, damage: SegmentDamage, files: WalFiles): void {
  if (damage.isInside) rewriteSegment(segment, files);
  else truncateSync(segment.path, damage.error.offsetBytes);
}

/** Writes the sound records into a file that then takes the place of the damaged one. */
function rewriteSegment({ path, index }: SegmentFile, files: WalFiles): void {
  const directory = join(dirname(path), repairDirectoryName);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  try {
    const writer = new SegmentWriter({ directory, files, segmentSizeMaxBytes: Number.POSITIVE_INFINITY }, index);
    try {
      // What cannot be decoded was not visited, so it does not stay.
      const decoder = new RecordDecoder(ignoringVisitor);
      const rewriting = visitRecords(new SegmentReader(path), path, (record) => {
        decoder.visit(record);
        writer.stage(record);
        writer.flush();
      });
      atOnce(rewriting);
    } finally {
      writer.close();
    }
    renameSync(join(directory, basename(path)), path);
    syncDirectory(dirname(path));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function ignore(): void {
  // Decoding alone tells whether a record is sound.
}

const ignoringVisitor: RecordVisitor = {
  onSeries: ignore,
  onSamples: ignore,
  onTombstone: ignore,
  onHistogram: ignore,
  onExemplar: ignore,
  onMetadata: ignore,
  onMmapMarker: ignore,
  onMinValidTime: ignore,
  onSkipped: ignore,
};
