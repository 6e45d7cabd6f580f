import type { ChunkAnalysis } from "./analyze-chunks.ts";

/** The part of promtool's report that is behind --extended. */
export function chunkAnalysisText(chunks: ChunkAnalysis): string {
  const { chunkCount } = chunks;
  return [
    "\nCompaction analysis:\n\n",
    distributionText("samples per float chunk", chunks.samplesPerFloatChunk, chunkCount),
    distributionText("bytes per float chunk", chunks.bytesPerFloatChunk, chunkCount),
    distributionText("samples per histogram chunk", chunks.samplesPerHistogramChunk, chunkCount),
    distributionText("bytes per histogram chunk", chunks.bytesPerHistogramChunk, chunkCount),
    distributionText("buckets per histogram chunk", chunks.bucketsPerHistogramChunk, chunkCount),
  ].join("");
}

/** A bar for each bucket; its length is the share of all chunks in percent. */
function distributionText(title: string, counts: readonly number[], chunkCount: number): string {
  if (counts.length === 0) return `${title}: N/A\n\n`;
  const sorted = [...counts].sort((left, right) => left - right);
  const [smallest, largest] = [sorted[0]!, sorted.at(-1)!];
  const { start, end, step } = bucketsOf(smallest, largest);
  const buckets = Array.from({ length: (end - start) / step + 1 }, () => 0);
  for (const count of counts) buckets[Math.floor((count - start) / step)]!++;
  const average = Math.floor(counts.reduce((sum, count) => sum + count, 0) / counts.length);
  const widths = [end, end + step, Math.max(...buckets)].map((number) => String(number).length);
  const lines = buckets.map((count, index) => {
    const from = String(index * step + start + 1).padStart(widths[0]!);
    const to = String((index + 1) * step + start).padStart(widths[1]!);
    const bar = "#".repeat(Math.floor((100 * count) / chunkCount));
    return `[${from}, ${to}]: ${String(count).padStart(widths[2]!)} ${bar}\n`;
  });
  return `${title} (min/avg/max): ${smallest}/${average}/${largest}\n${lines.join("")}\n`;
}

const stepMax = 10_000;

/** At most some ten buckets, or up to a hundred where the step would grow beyond its limit. */
function bucketsOf(smallest: number, largest: number): { start: number; end: number; step: number } {
  const tenth = Math.floor((largest - smallest) / 10);
  let step = 10;
  while (step < tenth && step <= stepMax) step *= 10;
  return { start: smallest - (smallest % step), end: largest - (largest % step) + step, step };
}
