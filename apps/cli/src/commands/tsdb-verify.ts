/** `tatou tsdb verify` and `tatou tsdb repair`: what is damaged in a data directory, and mending it. */
import { relative } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { formatBase2Bytes } from "@tatou/config";
import { repairDirectory, type VerifyReport, verifyDirectory } from "@tatou/tsdb";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";
import { exitCodeProblem, runTsdbWork, type TsdbWork } from "../tsdb/run-tsdb-work.ts";

export function verifyCommand() {
  return new Command("verify")
    .description("read everything in a data directory, and name every file and place that is damaged")
    .argument("[db path]", "the data directory, in use or not", "data/")
    .option("--json", "print JSON")
    .action((directory, { json }) => runTsdbWork((work) => verify(directory, json === true, work)));
}

async function verify(directory: string, isJson: boolean, work: TsdbWork): Promise<number> {
  const report = verifyDirectory(directory, showFile(directory, work));
  work.endProgress();
  work.print(isJson ? `${JSON.stringify(report, null, 2)}\n` : verifyText(directory, report));
  return report.problems.length > 0 ? exitCodeProblem : 0;
}

function verifyText(directory: string, { problems, counts, holder }: VerifyReport): string {
  const { blocks, segments, headChunkFiles, bytes } = counts;
  const looked = [
    plural(blocks, "block"),
    plural(segments, "segment of logs", "segments of logs"),
    plural(headChunkFiles, "file of head chunks", "files of head chunks"),
    formatBase2Bytes(bytes),
  ];
  const lines = problems.map(
    ({ path, offsetBytes, what }) => `${colors.red("✗")} ${relative(directory, path)}, byte ${offsetBytes}: ${what}`,
  );
  const verdict =
    problems.length === 0
      ? colors.green("Everything is as it was written")
      : colors.red(`${plural(problems.length, "problem")}: \`tatou tsdb repair\` mends what can be mended`);
  const use = holder === null ? [] : [colors.dim(`In use by ${holder}: the ends of its newest files were not judged`)];
  return `${[...lines, colors.dim(`Read ${looked.join(", ")}`), ...use, verdict].join("\n")}\n`;
}

const repairHelp = `
A damaged block is set aside as <block>.corrupt; what is sound of it goes into a
new block. Logs and head chunks lose what cannot be read, and nothing else. Each
step says how much that is.`;

export function repairCommand() {
  return new Command("repair")
    .description("mend a data directory that nobody uses, and say what was lost, in numbers")
    .argument("[db path]", "the data directory", "data/")
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--json", "print JSON")
    .addHelpText("after", repairHelp)
    .action((directory, options) => runTsdbWork((work) => repair(directory, options, work)));
}

interface RepairFlags {
  readonly dryRun?: true | undefined;
  readonly json?: true | undefined;
}

async function repair(directory: string, { dryRun, json }: RepairFlags, work: TsdbWork): Promise<number> {
  const isDryRun = dryRun === true;
  const onFile = showFile(directory, work);
  const steps = repairDirectory(directory, { isDryRun, nowMs: work.nowMs(), onFile });
  work.endProgress();
  if (json === true) {
    work.print(`${JSON.stringify({ isDryRun, steps }, null, 2)}\n`);
    return 0;
  }
  const lines = steps.map(({ path, what }) => `${colors.yellow("!")} ${relative(directory, path) || "."}: ${what}`);
  const end = steps.length === 0 ? colors.green("Nothing to mend") : endText(steps.length, isDryRun);
  work.print(`${[...lines, end].join("\n")}\n`);
  return 0;
}

function endText(count: number, isDryRun: boolean): string {
  return isDryRun ? `${plural(count, "repair")} to be made; nothing was changed` : `${plural(count, "repair")} made`;
}

function showFile(directory: string, { show }: TsdbWork): (path: string) => void {
  return (path) => show(() => `reading ${relative(directory, path)}`);
}
