import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { silentLog } from "@tatou/model";
import { isUlid } from "../block/ulid.ts";
import { verifyBlock } from "../block/verify-block.ts";
import { DirectoryLock } from "../directory-lock.ts";
import { DirectoryLockedError } from "../errors.ts";
import { readHeadChunks } from "../head-chunks/head-chunk-replay.ts";
import { nodeFiles } from "../wal/files.ts";
import { repairSegment, type SegmentDamage, visitSegment } from "../wal/segment-replay.ts";
import { checkpointPath, listCheckpoints, listSegments, type SegmentFile } from "../wal/wal-directory.ts";
import { segmentName } from "../wal/wal-format.ts";
import type { DataProblem } from "./data-problem.ts";
import { ignoringVisitor } from "./ignoring-visitor.ts";
import { salvageBlock } from "./salvage-block.ts";
import { verifyHeadChunks } from "./verify-head-chunks.ts";

/** One thing that was mended, or would be. */
export interface RepairStep {
  readonly path: string;
  /** In words and numbers: what is done with it, what is lost, and why. */
  readonly what: string;
}

export interface RepairOptions {
  /** Only says what would be done. */
  readonly isDryRun: boolean;
  readonly nowMs: number;
  readonly onFile: (path: string) => void;
}

/**
 * Mends a data directory as far as that can be done: what is sound of a damaged block goes into a new one and the damaged
 * one is set aside by name; logs and chunks_head lose what cannot be read, and nothing else.
 *
 * @throws {DirectoryLockedError} somebody has the directory
 */
export function repairDirectory(directory: string, options: RepairOptions): readonly RepairStep[] {
  const holder = DirectoryLock.holderOf(directory);
  if (holder !== null) throw new DirectoryLockedError(directory, holder);
  const lock = options.isDryRun ? null : DirectoryLock.acquire(directory);
  try {
    return [
      ...repairBlocks(directory, options),
      ...repairLog(join(directory, "wal"), options),
      ...repairLog(join(directory, "wbl"), options),
      ...repairHeadChunks(join(directory, "chunks_head"), options),
    ];
  } finally {
    lock?.release();
  }
}

function repairBlocks(directory: string, options: RepairOptions): readonly RepairStep[] {
  const steps: RepairStep[] = [];
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (isUnfinished(name)) {
      if (!options.isDryRun) rmSync(path, { recursive: true });
      steps.push({ path, what: "removed: a block that was not finished" });
    } else if (isUlid(name)) {
      options.onFile(path);
      const problems = verifyBlock(path);
      if (problems.length > 0) steps.push(repairBlock(path, problems, options));
    }
  }
  return steps;
}

const unfinishedPattern = /^(.{26})\.tmp(?:-for-(?:creation|deletion))?$/;

function isUnfinished(name: string): boolean {
  return isUlid(unfinishedPattern.exec(name)?.[1] ?? "");
}

function repairBlock(path: string, problems: readonly DataProblem[], { isDryRun, nowMs }: RepairOptions): RepairStep {
  const [{ what }] = problems as [DataProblem, ...DataProblem[]];
  const more = problems.length === 1 ? "" : `, and ${problems.length - 1} more`;
  const reason = `${what}${more}`;
  if (isDryRun) return { path, what: `would be set aside, and what is sound of it put into a new block: ${reason}` };
  const salvaged = salvageBlock(path, nowMs);
  const name = setAside(path);
  if (salvaged === null) return { path, what: `set aside as ${name}, nothing of it could be taken over: ${reason}` };
  const { meta, seriesLostCount, samplesLostCount } = salvaged;
  const lost = `${seriesLostCount} series with ${samplesLostCount} samples are lost`;
  const kept = `${meta.stats.numSeries} series with ${meta.stats.numSamples} samples are in ${meta.ulid}`;
  return { path, what: `set aside as ${name}; ${lost}, ${kept}: ${reason}` };
}

/** @returns the name it has now */
function setAside(path: string): string {
  let target = `${path}.corrupt`;
  for (let number = 2; existsSync(target); number++) target = `${path}.corrupt-${number}`;
  renameSync(path, target);
  return target.slice(target.lastIndexOf("/") + 1);
}

/** @param directory `wal` or `wbl` itself */
function repairLog(directory: string, options: RepairOptions): readonly RepairStep[] {
  if (!existsSync(directory)) return [];
  const checkpoint = listCheckpoints(directory).at(-1);
  const inCheckpoint = checkpoint === undefined ? [] : listSegments(checkpointPath(directory, checkpoint));
  const steps: RepairStep[] = [];
  for (const segment of [...inCheckpoint, ...listSegments(directory)]) {
    options.onFile(segment.path);
    const damage = visitSegment(segment.path, ignoringVisitor);
    if (damage !== null) steps.push(repairDamage(segment, damage, options));
  }
  const following = listSegments(directory).filter(({ index }) => index > (checkpoint ?? -1));
  return [...steps, ...closeGaps(following, options)];
}

/** Prometheus refuses a log that lacks a segment: those in front of the gap move up to what follows. */
function closeGaps(segments: readonly SegmentFile[], { isDryRun }: RepairOptions): readonly RepairStep[] {
  const steps: RepairStep[] = [];
  let next = segments.at(-1)?.index ?? 0;
  for (const { index, path } of segments.slice(0, -1).toReversed()) {
    next--;
    if (index === next) continue;
    const name = segmentName(next);
    if (!isDryRun) renameSync(path, join(dirname(path), name));
    steps.push({ path, what: `${isDryRun ? "would become" : "became"} ${name}, since segments behind it are missing` });
  }
  return steps;
}

function repairDamage(segment: SegmentFile, damage: SegmentDamage, { isDryRun }: RepairOptions): RepairStep {
  const { error, gapCount, cutBytes, isInside } = damage;
  if (!isDryRun) repairSegment(segment, damage, nodeFiles);
  const gaps = gapCount === 1 ? "one stretch" : `${gapCount} stretches`;
  const where = isInside ? `in ${gaps}` : `from byte ${error.offsetBytes} to the end`;
  return {
    path: segment.path,
    what: `${done(isDryRun)} ${cutBytes} of ${segment.sizeBytes} bytes, ${where}: ${error.what}`,
  };
}

function repairHeadChunks(directory: string, { isDryRun, onFile }: RepairOptions): readonly RepairStep[] {
  if (!existsSync(directory)) return [];
  onFile(directory);
  if (isDryRun) {
    const problems: DataProblem[] = [];
    const counts = { blocks: 0, segments: 0, headChunkFiles: 0, bytes: 0 };
    const report = (problem: DataProblem): void => void problems.push(problem);
    verifyHeadChunks(directory, { counts, onFile, report, isInUse: false });
    const first = problems[0];
    if (first === undefined) return [];
    return [
      { path: first.path, what: `would be cut at byte ${first.offsetBytes}, later files set aside: ${first.what}` },
    ];
  }
  const { report } = readHeadChunks(directory, silentLog, () => undefined);
  if (report.problem === null) return [];
  const aside = report.filesSetAside.length === 0 ? "" : `, set aside ${report.filesSetAside.join(", ")}`;
  return [{ path: directory, what: `cut by ${report.cutBytes} bytes${aside}: ${report.problem}` }];
}

function done(isDryRun: boolean): string {
  return isDryRun ? "would be cut by" : "cut by";
}
