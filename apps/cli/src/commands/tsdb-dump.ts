/** `tatou tsdb dump` and `tatou tsdb dump-openmetrics`: the samples of a data directory as text. */
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { createSystemClock } from "@tatou/http";
import { type Matcher, silentLog } from "@tatou/model";
import { parseMatchers } from "@tatou/promql";
import { ReadOnlyTsdb } from "@tatou/tsdb";
import { type DumpFormat, dumpSelection } from "../tsdb/dump-selection.ts";
import { runTsdbWork, type TsdbWork } from "../tsdb/run-tsdb-work.ts";
import { replayText } from "./replay-progress.ts";

const help = `
Logs are read from a copy, which is made in the directory itself unless
--sandbox-dir-root says otherwise, and removed at the end.`;

export function dumpCommand() {
  return withDumpOptions("dump", "print series and samples of a data directory")
    .addOption(
      new Option("--format <format>", "what is printed: samples, or series as JSON")
        .choices(["prom", "seriesjson"])
        .default("prom" as const),
    )
    .action((directory, options) => runTsdbWork((work) => dump(directory, options.format, options, work)));
}

export function dumpOpenMetricsCommand() {
  const what = "print samples in OpenMetrics format, without native histograms and staleness markers";
  return withDumpOptions("dump-openmetrics", what).action((directory, options) =>
    runTsdbWork((work) => dump(directory, "openmetrics", options, work)),
  );
}

function withDumpOptions(name: string, description: string) {
  return new Command(name)
    .description(description)
    .argument("[db path]", "the data directory, in use or not", "data/")
    .option("--sandbox-dir-root <directory>", "where a copy of the logs is made (default the data directory)")
    .option("--min-time <ms>", "the oldest sample, in milliseconds since 1970", wholeMs)
    .option("--max-time <ms>", "the newest sample, in milliseconds since 1970", wholeMs)
    .option("--match <selector>", "which series; can be given several times (default all)", addSelector, [])
    .addHelpText("after", help);
}

interface DumpFlags {
  readonly sandboxDirRoot?: string | undefined;
  readonly minTime?: number | undefined;
  readonly maxTime?: number | undefined;
  readonly match: readonly (readonly Matcher[])[];
}

async function dump(directory: string, format: DumpFormat, flags: DumpFlags, work: TsdbWork): Promise<number> {
  const { sandboxDirRoot, match } = flags;
  const { minTime: minTimeMs = Number.MIN_SAFE_INTEGER, maxTime: maxTimeMs = Number.MAX_SAFE_INTEGER } = flags;
  const tsdb = await ReadOnlyTsdb.open({
    ...{ directory, maxTimeMs, clock: createSystemClock(), log: silentLog },
    onReplayProgress: (status) => work.show(() => replayText(status)),
    ...(sandboxDirRoot !== undefined && { sandboxParent: sandboxDirRoot }),
  });
  try {
    const selection = await tsdb.selectAny(match.length === 0 ? [[]] : match, { minTimeMs, maxTimeMs });
    work.endProgress();
    dumpSelection(selection, format, work.print);
    selection.close();
    return 0;
  } finally {
    await tsdb.close();
  }
}

function wholeMs(text: string): number {
  if (!/^-?\d{1,19}$/.test(text)) throw new InvalidArgumentError("Expected whole milliseconds since 1970.");
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}

function addSelector(text: string, before: readonly (readonly Matcher[])[]): readonly (readonly Matcher[])[] {
  try {
    return [...before, parseMatchers(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
