import { Command } from "@commander-js/extra-typings";
import { problemText } from "../problem-text.ts";
import { blockTable } from "../tsdb/block-table.ts";
import { blockRow, openBlocks } from "../tsdb/read-blocks.ts";
import { exitCodeProblem, runTsdbWork, type TsdbWork } from "../tsdb/run-tsdb-work.ts";

/** `tatou tsdb list`: the blocks of a data directory. */
export function listCommand() {
  return new Command("list")
    .description("list the blocks of a data directory")
    .argument("[db path]", "the data directory", "data/")
    .option("-r, --human-readable", "print times and sizes for people")
    .option("--json", "print JSON")
    .action((directory, options) => runTsdbWork((work) => list(directory, options, work)));
}

interface ListFlags {
  readonly humanReadable?: true | undefined;
  readonly json?: true | undefined;
}

async function list(directory: string, { humanReadable, json }: ListFlags, { print }: TsdbWork): Promise<number> {
  const { blocks, problems } = openBlocks(directory);
  const rows = blocks.map(blockRow);
  for (const block of blocks) block.close();
  if (json === true) print(`${JSON.stringify({ blocks: rows }, null, 2)}\n`);
  else print(blockTable(rows, { isHumanReadable: humanReadable === true, hasHeader: true }));
  for (const problem of problems) process.stderr.write(`${problemText(problem)}\n`);
  return problems.length > 0 ? exitCodeProblem : 0;
}
