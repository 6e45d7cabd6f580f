import { copyFileSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Names snapshots as Prometheus does: the moment, and something random. @param random hexadecimal */
export function snapshotName(nowMs: number, random: string): string {
  const moment = new Date(nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-:]/g, "");
  return `${moment}-${random}`;
}

/** Puts a block's files into another directory, without taking room for them again where the system can do that. */
export function copyBlock(blockDirectory: string, targetDirectory: string): void {
  for (const entry of readdirSync(blockDirectory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(targetDirectory, source.slice(blockDirectory.length));
    mkdirSync(dirname(target), { recursive: true });
    linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    // Files of a block are never written in place.
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
