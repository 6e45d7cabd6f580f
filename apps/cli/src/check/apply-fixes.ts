import { readFileSync } from "node:fs";
import { diffText, type FixOutcome } from "@tatou/assurance";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";
import type { ReadProject } from "./read-project.ts";
import { replaceFile } from "./replace-file.ts";

/** What `--fix` prints: the edits as a diff, and what was not touched. */
export function fixText({ fixed, leftAlone }: FixOutcome, isDryRun: boolean): string {
  const count = fixed.reduce((sum, { fixes }) => sum + fixes.length, 0);
  const verdict =
    count === 0
      ? "Nothing has a cure that leaves no choice"
      : `${isDryRun ? "Would cure" : "Cured"} ${plural(count, "finding")} in ${plural(fixed.length, "file")}`;
  const lines = [
    ...fixed.map((file) => colored(diffText(file))),
    ...leftAlone.map((file) => `${colors.yellow("!")} ${file} stays as it is: its cures would lead to other findings`),
    `${colors.bold(verdict)}\n`,
  ];
  return `${lines.join("\n")}\n`;
}

function colored(diff: string): string {
  return diff
    .split("\n")
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return colors.bold(line);
      if (line.startsWith("@@")) return colors.cyan(line);
      if (line.startsWith("+")) return colors.green(line);
      return line.startsWith("-") ? colors.red(line) : line;
    })
    .join("\n");
}

/** @throws {FileChangedError} somebody else wrote a file meanwhile; those before it are written */
export function writeFixes({ fixed }: FixOutcome, { pathOf }: Pick<ReadProject, "pathOf">): void {
  for (const { file, before, after } of fixed) {
    const path = pathOf(file);
    // Also what is no UTF-8 comes back as other bytes, and is better left to people.
    if (!readFileSync(path).equals(Buffer.from(before))) throw new FileChangedError(file);
    replaceFile(path, after);
  }
}

class FileChangedError extends Error {
  override readonly name = "FileChangedError";
  readonly code = "file_changed";
  readonly hint = "Run the command again when nobody else writes to the file";

  constructor(file: string) {
    super(`Cannot fix ${file}: it changed while it was checked, or is no UTF-8`);
  }
}
