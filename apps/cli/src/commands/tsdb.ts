import { Command } from "@commander-js/extra-typings";
import { analyzeCommand } from "./tsdb-analyze.ts";
import { dumpCommand, dumpOpenMetricsCommand } from "./tsdb-dump.ts";
import { createBlocksCommand } from "./tsdb-import.ts";
import { listCommand } from "./tsdb-list.ts";
import { repairCommand, verifyCommand } from "./tsdb-verify.ts";

const help = `
The commands that are promtool's take its arguments, print what it prints, and
end with its codes. They read a data directory while it is in use, too.

Exit codes:
  0  done, and nothing is wrong
  1  something is wrong with what was looked at, or the work could not be done`;

/** `tatou tsdb`: tools for data directories, ours and Prometheus'. */
export function tsdbCommand() {
  return new Command("tsdb")
    .addHelpText("after", help)
    .addCommand(listCommand())
    .addCommand(analyzeCommand())
    .addCommand(dumpCommand())
    .addCommand(dumpOpenMetricsCommand())
    .addCommand(createBlocksCommand())
    .addCommand(verifyCommand())
    .addCommand(repairCommand());
}
