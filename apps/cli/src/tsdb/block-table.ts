import { formatBase2Bytes } from "@tatou/config";
import { goDurationText, goTimeText } from "./go-text.ts";

/** What a line of the list tells of a block. */
export interface BlockRow {
  readonly ulid: string;
  /** The block covers [minTime, maxTime). */
  readonly minTime: number;
  readonly maxTime: number;
  readonly numSamples: number;
  readonly numChunks: number;
  readonly numSeries: number;
  readonly sizeBytes: number;
}

const titles = ["BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION", "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES", "SIZE"];

/** The table of promtool, which people and scripts know. */
export function blockTable(
  blocks: readonly BlockRow[],
  { isHumanReadable, hasHeader }: { readonly isHumanReadable: boolean; readonly hasHeader: boolean },
): string {
  const time = isHumanReadable ? goTimeText : String;
  const rows = blocks.map((block) => [
    block.ulid,
    time(block.minTime),
    time(block.maxTime),
    goDurationText(block.maxTime - block.minTime),
    String(block.numSamples),
    String(block.numChunks),
    String(block.numSeries),
    isHumanReadable ? formatBase2Bytes(block.sizeBytes) : String(block.sizeBytes),
  ]);
  return alignColumns(hasHeader ? [titles, ...rows] : rows);
}

const columnWidthMin = 13;
const columnPadding = 2;

/** Columns as wide as their widest cell; the last one is not filled up. */
function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = titles.map((_, column) =>
    Math.max(columnWidthMin, ...rows.map((row) => row[column]!.length + columnPadding)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join("");
  return rows.map((row) => `${line(row)}\n`).join("");
}
