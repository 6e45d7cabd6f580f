import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Block } from "../block/block.ts";
import { isUlid } from "../block/ulid.ts";
import { verifyBlock } from "../block/verify-block.ts";
import { DirectoryLock } from "../directory-lock.ts";
import type { DataProblem, VerifyCounts } from "./data-problem.ts";
import { verifyHeadChunks } from "./verify-head-chunks.ts";
import { verifyLog } from "./verify-log.ts";

export interface VerifyReport {
  readonly problems: readonly DataProblem[];
  readonly counts: Readonly<VerifyCounts>;
  /** In words who has the directory; null when nobody has. */
  readonly holder: string | null;
}

/**
 * Reads everything in a data directory, in use or not, and changes nothing: every checksum of blocks, logs and chunks_head,
 * the order and ranges of what they hold, gaps between files.
 *
 * @param onFile hears of each file or block before it is read
 * @throws the system's error, when the directory cannot be read
 */
export function verifyDirectory(directory: string, onFile: (path: string) => void): VerifyReport {
  const problems: DataProblem[] = [];
  const counts: VerifyCounts = { blocks: 0, segments: 0, headChunkFiles: 0, bytes: 0 };
  const holder = DirectoryLock.holderOf(directory);
  const report = (problem: DataProblem): void => void problems.push(problem);
  const context = { counts, report, onFile, isInUse: holder !== null };
  for (const name of readdirSync(directory).sort()) {
    if (!isUlid(name)) continue;
    const path = join(directory, name);
    onFile(path);
    problems.push(...verifyBlock(path));
    counts.blocks++;
    counts.bytes += blockSizeBytes(path);
  }
  verifyLog(join(directory, "wal"), context);
  verifyLog(join(directory, "wbl"), context);
  verifyHeadChunks(join(directory, "chunks_head"), context);
  return { problems: dropVanished(problems, holder !== null), counts, holder };
}

/** 0 for a block that does not open: why, is said already. */
function blockSizeBytes(directory: string): number {
  try {
    const block = Block.open(directory);
    const { sizeBytes } = block;
    block.close();
    return sizeBytes;
  } catch {
    return 0;
  }
}

/** What a running program deleted meanwhile is no damage. */
function dropVanished(problems: readonly DataProblem[], isInUse: boolean): readonly DataProblem[] {
  return isInUse ? problems.filter(({ path }) => existsSync(path)) : problems;
}
