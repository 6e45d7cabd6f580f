import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { parseMatchers } from "@tatou/promql";
import { type Block, ulidTimeMs } from "@tatou/tsdb";
import { type AnalyzedBlock, analysisText } from "../tsdb/analysis-text.ts";
import { analyzeSeries } from "../tsdb/analyze-block.ts";
import { analyzeChunks } from "../tsdb/analyze-chunks.ts";
import { NoSuchBlockError } from "../tsdb/errors.ts";
import { openBlocks } from "../tsdb/read-blocks.ts";
import { runTsdbWork, type TsdbWork } from "../tsdb/run-tsdb-work.ts";
import { positiveInteger } from "./shared-options.ts";

/** `tatou tsdb analyze`: what makes a block large. */
export function analyzeCommand() {
  return new Command("analyze")
    .description("say what makes a block large: churn, labels with many values, how full its chunks are")
    .argument("[db path]", "the data directory", "data/")
    .argument("[block id]", "the block (default the newest)")
    .option("--limit <count>", "how many items each list has at most", positiveInteger, 20)
    .option("--extended", "look at the chunks, too")
    .option("--match <selector>", "look at the series of a selector only", selectorOf)
    .option("--json", "print JSON")
    .action((directory, ulid, options) => runTsdbWork((work) => analyze(directory, ulid, options, work)));
}

interface AnalyzeFlags {
  readonly limit: number;
  readonly extended?: true | undefined;
  readonly match?: string | undefined;
  readonly json?: true | undefined;
}

async function analyze(
  directory: string,
  ulid: string | undefined,
  flags: AnalyzeFlags,
  { print }: TsdbWork,
): Promise<number> {
  const { blocks, problems } = openBlocks(directory);
  try {
    const block = chooseBlock(blocks, ulid);
    if (block === undefined)
      throw problems.find(({ message }) => message.includes(ulid ?? "")) ?? new NoSuchBlockError(directory, ulid);
    const analyzed = analyzeBlock(block, flags);
    print(flags.json === true ? `${JSON.stringify(analyzed, null, 2)}\n` : analysisText(analyzed));
    return 0;
  } finally {
    for (const block of blocks) block.close();
  }
}

/** The named one; without a name, the one that was made last. */
function chooseBlock(blocks: readonly Block[], ulid: string | undefined): Block | undefined {
  if (ulid !== undefined) return blocks.find((block) => block.ulid === ulid);
  return [...blocks].sort((left, right) => ulidTimeMs(left.ulid) - ulidTimeMs(right.ulid)).at(-1);
}

function analyzeBlock(block: Block, { limit, extended, match }: AnalyzeFlags): AnalyzedBlock {
  const matchers = match === undefined ? [] : parseMatchers(match);
  const { minTime, maxTime, stats } = block.meta;
  const durationMs = maxTime - minTime;
  const series = block.stream();
  const analysis = analyzeSeries(series, { durationMs, matchers, limit });
  series.close();
  return {
    ulid: block.ulid,
    durationMs,
    seriesCount: stats.numSeries,
    selector: match ?? null,
    analysis,
    chunks: extended === true ? analyzeChunks(block.stream(), matchers) : null,
  };
}

function selectorOf(text: string): string {
  try {
    parseMatchers(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
