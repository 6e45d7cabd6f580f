import type { BlockAnalysis, NamedCount } from "./analyze-block.ts";
import type { ChunkAnalysis } from "./analyze-chunks.ts";
import { chunkAnalysisText } from "./chunk-analysis-text.ts";
import { goDurationText } from "./go-text.ts";

export interface AnalyzedBlock {
  readonly ulid: string;
  readonly durationMs: number;
  readonly seriesCount: number;
  /** The selector as it was given; null when there was none. */
  readonly selector: string | null;
  readonly analysis: BlockAnalysis;
  /** Null unless it was asked for. */
  readonly chunks: ChunkAnalysis | null;
}

/** The report of promtool, which people and scripts know. */
export function analysisText({ ulid, durationMs, seriesCount, selector, analysis, chunks }: AnalyzedBlock): string {
  const lines = [`Block ID: ${ulid}`, `Duration: ${goDurationText(durationMs)}`, `Total Series: ${seriesCount}`];
  if (selector !== null) lines.push(`Matcher: ${selector}`);
  lines.push(`Label names: ${analysis.labelNameCount}`);
  if (selector !== null) lines.push(`Matched series: ${analysis.matchedSeriesCount}`);
  lines.push(
    `Postings (unique label pairs): ${analysis.labelPairCount}`,
    `Postings entries (total label pairs): ${analysis.labelPairEntryCount}`,
    ...listLines("Label pairs most involved in churning", analysis.churnByLabelPair),
    ...listLines("Label names most involved in churning", analysis.churnByLabelName),
    ...listLines("Most common label pairs", analysis.seriesByLabelPair),
    ...listLines("Label names with highest cumulative label value length", analysis.valueBytesByLabelName),
    ...listLines("Highest cardinality labels", analysis.valueCountByLabelName),
    ...listLines("Highest cardinality metric names", analysis.seriesByMetricName),
  );
  return `${lines.join("\n")}\n${chunks === null ? "" : chunkAnalysisText(chunks)}`;
}

function listLines(title: string, counts: readonly NamedCount[]): readonly string[] {
  return ["", `${title}:`, ...counts.map(({ name, count }) => `${count} ${name}`)];
}
