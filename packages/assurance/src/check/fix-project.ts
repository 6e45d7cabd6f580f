/** Cures that leave no choice, applied only where a second check finds less than the first. */
import type { Finding, TextFix } from "./finding.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { CheckReport } from "./run-check.ts";

/** A file with all of its certain cures in it. */
export interface FixedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly fixes: readonly TextFix[];
}

export interface FixOutcome {
  readonly fixed: readonly FixedFile[];
  /** Files whose cures would have led to other findings: they stay as they are. */
  readonly leftAlone: readonly string[];
  /** What is left when the fixed files are written. */
  readonly report: CheckReport;
}

/** One cure can uncover the next: a file that reads again has rules to check. */
const roundCountMax = 4;

/**
 * Finds out which cures help; writes nothing.
 * @param check the check to repeat on the files as they would be
 */
export function fixProject(files: ProjectFiles, check: (files: ProjectFiles) => CheckReport): FixOutcome {
  const fixed = new Map<string, FixedFile>();
  const leftAlone = new Set<string>();
  let report = check(files);
  for (let round = 0; round < roundCountMax; round++) {
    let isChanged = false;
    for (const [file, fixes] of fixesByFile(report.findings)) {
      if (leftAlone.has(file)) continue;
      const texts = new Map([...fixed].map(([path, { after }]) => [path, after]));
      const text = texts.get(file) ?? files.read(file);
      const after = applied(text, fixes);
      const next = check(withTexts(files, texts.set(file, after)));
      if (seriousCount(next) >= seriousCount(report)) {
        leftAlone.add(file);
        continue;
      }
      const earlier = fixed.get(file);
      fixed.set(file, {
        file,
        before: earlier?.before ?? text,
        after,
        fixes: [...(earlier?.fixes ?? []), ...fixes],
      });
      report = next;
      isChanged = true;
    }
    if (!isChanged) break;
  }
  return { fixed: [...fixed.values()], leftAlone: [...leftAlone], report };
}

/** From the end of each file to its beginning; of two that touch, the first found. */
function fixesByFile(findings: readonly Finding[]): ReadonlyMap<string, readonly TextFix[]> {
  const byFile = new Map<string, TextFix[]>();
  for (const { fix } of findings) {
    if (fix === undefined) continue;
    const others = byFile.get(fix.file) ?? [];
    if (others.some(({ start, end }) => fix.start < end && start < fix.end)) continue;
    byFile.set(fix.file, [...others, fix]);
  }
  return new Map([...byFile].map(([file, fixes]) => [file, fixes.toSorted((a, b) => b.start - a.start)]));
}

function applied(text: string, fixes: readonly TextFix[]): string {
  return fixes.reduce((edited, fix) => edited.slice(0, fix.start) + fix.text + edited.slice(fix.end), text);
}

function seriousCount({ findings }: CheckReport): number {
  return findings.filter(({ severity }) => severity !== "info").length;
}

/** The files, some of them with other texts. */
export function withTexts(files: ProjectFiles, texts: ReadonlyMap<string, string>): ProjectFiles {
  return { ...files, read: (path) => texts.get(path) ?? files.read(path) };
}

const contextLineCount = 2;

/** The edits of a file as a unified diff. */
export function diffText({ file, before, after }: Pick<FixedFile, "file" | "before" | "after">): string {
  const from = before.split("\n");
  const to = after.split("\n");
  const lines = [`--- a/${file}`, `+++ b/${file}`];
  for (const changes of hunksOf(changedLines(from, to))) lines.push(...hunkLines(changes, from, to));
  return `${lines.join("\n")}\n`;
}

/** Changes that share lines of context stand in one hunk. */
function hunksOf(changes: readonly LineChange[]): readonly (readonly LineChange[])[] {
  const hunks: LineChange[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1);
    if (last !== undefined && change.fromStart - last.at(-1)!.fromEnd <= 2 * contextLineCount) last.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkLines(changes: readonly LineChange[], from: readonly string[], to: readonly string[]): readonly string[] {
  const first = Math.max(0, changes[0]!.fromStart - contextLineCount);
  const last = Math.min(from.length, changes.at(-1)!.fromEnd + contextLineCount);
  const body: string[] = [];
  let at = first;
  for (const { fromStart, fromEnd, toStart, toEnd } of changes) {
    for (const line of from.slice(at, fromStart)) body.push(` ${line}`);
    for (const line of from.slice(fromStart, fromEnd)) body.push(`-${line}`);
    for (const line of to.slice(toStart, toEnd)) body.push(`+${line}`);
    at = fromEnd;
  }
  for (const line of from.slice(at, last)) body.push(` ${line}`);
  const newFirst = first + changes[0]!.toStart - changes[0]!.fromStart;
  const newCount = body.filter((line) => !line.startsWith("-")).length;
  return [`@@ -${first + 1},${last - first} +${newFirst + 1},${newCount} @@`, ...body];
}

interface LineChange {
  readonly fromStart: number;
  readonly fromEnd: number;
  readonly toStart: number;
  readonly toEnd: number;
}

/** How far a line is looked for that both texts have again; cures are small. */
const lookAheadMax = 40;

function changedLines(from: readonly string[], to: readonly string[]): readonly LineChange[] {
  const changes: LineChange[] = [];
  let a = 0;
  let b = 0;
  while (a < from.length || b < to.length) {
    if (from[a] === to[b] && a < from.length && b < to.length) {
      a++;
      b++;
      continue;
    }
    const { skipFrom, skipTo } = nextCommon(from.slice(a), to.slice(b));
    changes.push({ fromStart: a, fromEnd: a + skipFrom, toStart: b, toEnd: b + skipTo });
    a += skipFrom;
    b += skipTo;
  }
  return changes;
}

/** The fewest lines to leave out on both sides until the rest begins alike. */
function nextCommon(from: readonly string[], to: readonly string[]): { skipFrom: number; skipTo: number } {
  for (let sum = 1; sum <= lookAheadMax; sum++)
    for (let skipFrom = Math.min(sum, from.length); skipFrom >= 0; skipFrom--) {
      const skipTo = sum - skipFrom;
      if (skipTo > to.length) break;
      const isEnd = skipFrom === from.length && skipTo === to.length;
      if (isEnd || (skipFrom < from.length && from[skipFrom] === to[skipTo])) return { skipFrom, skipTo };
    }
  return { skipFrom: from.length, skipTo: to.length };
}
