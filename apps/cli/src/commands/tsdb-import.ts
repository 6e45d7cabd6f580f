/** `tatou tsdb create-blocks-from`: samples from elsewhere, put into blocks. */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { parseTimeParameter, prometheusClient } from "@tatou/api";
import { loadHttpClientConfig, loadRuleFile } from "@tatou/config";
import { createSystemClock, type HttpConfig, SocketTransport } from "@tatou/http";
import { type Labels, labelsKey } from "@tatou/model";
import { loadRuleGroups, type RuleGroupSpec } from "@tatou/rules";
import { GatheredSamples, type WrittenBlock, writeGathered } from "@tatou/tsdb";
import { plural } from "../plural.ts";
import { importBlockDurationMs } from "../tsdb/block-duration.ts";
import { BlockReport } from "../tsdb/block-report.ts";
import { RuleFilesError, RuleImportError } from "../tsdb/errors.ts";
import { type ImportProgress, importOpenMetrics } from "../tsdb/import-open-metrics.ts";
import { OpenMetricsFile } from "../tsdb/open-metrics-file.ts";
import { recordSamples } from "../tsdb/recorded-samples.ts";
import { runTsdbWork, type TsdbWork } from "../tsdb/run-tsdb-work.ts";
import { SeriesNumbers } from "../tsdb/series-numbers.ts";
import { durationMs } from "./shared-options.ts";

const help = `
Blocks that are made in the data directory of a running engine or Prometheus are
taken up by it within a minute, and merged where they overlap others. Samples
older than its retention go again with the next clean-up.`;

export function createBlocksCommand() {
  return (
    new Command("create-blocks-from")
      .description("make blocks of samples that come from elsewhere")
      // Where promtool has them; behind the command of a kind they mean the same.
      .option("-r, --human-readable", "print times and sizes for people")
      .option("-q, --quiet", "do not print the blocks that were made")
      .addCommand(openMetricsCommand())
      .addCommand(rulesCommand())
  );
}

function openMetricsCommand() {
  return new Command("openmetrics")
    .description("make blocks of a file in OpenMetrics format whose samples have timestamps")
    .argument("<input file>", "the samples, in any order")
    .argument("[output directory]", "where the blocks go", "data/")
    .option("-r, --human-readable", "print times and sizes for people")
    .option("-q, --quiet", "do not print the blocks that were made")
    .option("--label <name=value>", "put a label on every series; can be given several times", addLabel, {})
    .option("--max-block-duration <duration>", "the longest a block may be (default 2h)", durationMs)
    .option("--json", "print the blocks as JSON")
    .addHelpText("after", help)
    .action((input, directory, options, command) =>
      runTsdbWork((work) => importFile(input, directory, { ...flagsAbove(command), ...options }, work)),
    );
}

interface ReportFlags {
  readonly humanReadable?: true | undefined;
  readonly quiet?: true | undefined;
  readonly json?: true | undefined;
}

/** What stood in front of the kind of import. */
function flagsAbove({ parent }: { readonly parent: { opts(): ReportFlags } | null }): ReportFlags {
  return parent?.opts() ?? {};
}

interface OpenMetricsFlags extends ReportFlags {
  readonly label: Readonly<Record<string, string>>;
  readonly maxBlockDuration?: number | undefined;
}

async function importFile(input: string, directory: string, flags: OpenMetricsFlags, work: TsdbWork): Promise<number> {
  const file = OpenMetricsFile.open(input);
  const report = new BlockReport(directory, flags);
  let repeatedCount = 0;
  try {
    importOpenMetrics(file, {
      directory,
      blockDurationMs: importBlockDurationMs(flags.maxBlockDuration ?? 0),
      extraLabels: flags.label,
      nowMs: work.nowMs,
      onBlock: (block) => {
        repeatedCount += block.repeatedCount;
        tellBlock(report, block, work);
      },
      onProgress: (progress) => work.show(() => importText(progress, file.sizeBytes)),
    });
  } finally {
    file.close();
    work.endProgress();
  }
  report.end();
  if (repeatedCount > 0) {
    const samples = plural(repeatedCount, "sample");
    process.stderr.write(`Left out ${samples} that another one of the same series and time follows\n`);
  }
  return 0;
}

function tellBlock(report: BlockReport, { meta }: WrittenBlock, work: TsdbWork): void {
  if (meta === null) return;
  work.endProgress();
  report.add(meta.ulid);
}

function importText({ phase, blockCountDone, blockCount, bytesRead }: ImportProgress, sizeBytes: number): string {
  const share = sizeBytes === 0 ? 100 : Math.floor((100 * bytesRead) / sizeBytes);
  if (phase === "count") return `looking through the file: ${share} %`;
  return `made ${blockCountDone} of ${plural(blockCount, "block")}, reading for more: ${share} %`;
}

function addLabel(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Expected name=value, as in site=lab.");
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function rulesCommand() {
  return new Command("rules")
    .description("make blocks of what recording rules would have given, asked of a server that has the history")
    .argument("<rule-files...>", "the rules; alerts in them are left out")
    .requiredOption("--start <time>", "from when on: RFC 3339, or seconds since 1970", timeMs)
    .option("--end <time>", "until when (default 3 hours ago)", timeMs)
    .option("--url <url>", "the server that has the history", "http://localhost:9090")
    .option("--http.config.file <file>", "how it is reached: credentials, TLS, proxy, as in promtool")
    .option("--output-dir <directory>", "where the blocks go", "data/")
    .option("--eval-interval <duration>", "how often rules are evaluated whose group doesn't say", durationMs, 60_000)
    .option("--max-block-duration <duration>", "the longest a block may be (default 2h)", durationMs)
    .option("-r, --human-readable", "print times and sizes for people")
    .option("-q, --quiet", "do not print the blocks that were made")
    .option("--json", "print the blocks as JSON")
    .addHelpText("after", help)
    .action((files, options, command) =>
      runTsdbWork((work) => importRules(files, { ...flagsAbove(command), ...options }, work)),
    );
}

interface RulesFlags extends ReportFlags {
  readonly start: number;
  readonly end?: number | undefined;
  readonly url: string;
  readonly "http.config.file"?: string | undefined;
  readonly outputDir: string;
  readonly evalInterval: number;
  readonly maxBlockDuration?: number | undefined;
}

const endDefaultMs = 3 * 3_600_000;
/** A range over much history may take its time; a server that has limits of its own says so before. */
const questionTimeMs = 300_000;

async function importRules(files: readonly string[], flags: RulesFlags, work: TsdbWork): Promise<number> {
  const startMs = flags.start;
  const endMs = flags.end ?? work.nowMs() - endDefaultMs;
  if (startMs >= endMs)
    throw new RuleImportError(
      "start time is not before end time",
      "The end is 3 hours ago unless --end says otherwise",
    );
  const groups = readGroups(files, flags.evalInterval);
  const transport = new SocketTransport({ clock: createSystemClock(), httpConfig: readHttpConfig(flags) });
  const client = prometheusClient(transport, flags.url.replace(/\/+$/, ""), questionTimeMs);
  const report = new BlockReport(flags.outputDir, flags);
  const blockDurationMs = importBlockDurationMs(flags.maxBlockDuration ?? 0);
  const problems: string[] = [];
  try {
    for (let at = Math.floor(startMs / blockDurationMs) * blockDurationMs; at <= endMs; at += blockDurationMs) {
      work.show(() => `evaluating rules at ${new Date(at).toISOString()}`);
      const range = { startMs: Math.max(at, startMs), endMs: Math.min(at + blockDurationMs - 1, endMs) };
      const samples = new GatheredSamples();
      const series = new SeriesNumbers();
      const add = (labels: Labels, timestampMs: number, value: number): void =>
        samples.add(
          series.numberOf(labelsKey(labels), () => labels),
          timestampMs,
          value,
        );
      const onWarning = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
      problems.push(...(await recordSamples({ client, groups, onWarning }, range, add)));
      tellBlock(
        report,
        writeGathered(samples, { directory: flags.outputDir, labels: series.labels, nowMs: work.nowMs() }),
        work,
      );
    }
  } finally {
    await transport.close();
    work.endProgress();
  }
  report.end();
  for (const problem of new Set(problems)) process.stderr.write(`rule importer error: ${problem}\n`);
  return problems.length > 0 ? 1 : 0;
}

/** @throws {ConfigError} */
function readHttpConfig({ "http.config.file": file }: RulesFlags): HttpConfig {
  return file === undefined ? {} : loadHttpClientConfig(readFileSync(file, "utf8"), file);
}

/** @throws {RuleFilesError | ConfigError} */
function readGroups(files: readonly string[], defaultIntervalMs: number): readonly RuleGroupSpec[] {
  const ruleFiles = files.map((file) => loadRuleFile(readFileSync(file, "utf8"), file));
  const { groups, diagnostics } = loadRuleGroups(ruleFiles, { defaultIntervalMs });
  if (diagnostics.length > 0) throw new RuleFilesError(diagnostics);
  return groups;
}

function timeMs(text: string): number {
  try {
    return parseTimeParameter("time", text);
  } catch {
    throw new InvalidArgumentError(`Expected RFC 3339, as in 2026-01-05T08:00:00Z, or seconds since 1970.`);
  }
}
