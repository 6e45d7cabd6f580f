/** Label names and values of some of the series of an index. */
import { compareStrings } from "@tatou/model";
import type { IndexReader } from "./index-reader.ts";
import { bitmapOf, hasAny } from "./posting-sets.ts";
import { SeriesEntry } from "./series-entry.ts";

/** Going through a list costs about as much as going through so many series. */
const seriesPerList = 2;

/** The label names that the series have, sorted. @throws {BlockCorruptError} */
export function namesOf(index: IndexReader, series: Uint32Array): string[] {
  const entry = new SeriesEntry();
  const symbols = new Set<number>();
  for (const each of series) {
    index.readSymbols(each, entry);
    for (let at = 0; at < entry.labelCount; at++) symbols.add(entry.names[at]!);
  }
  return [...symbols].map((symbol) => index.symbols.text(symbol)).sort(compareStrings);
}

/** The values that one label has among the series, sorted. @throws {BlockCorruptError} */
export function valuesOf(index: IndexReader, name: string, series: Uint32Array): string[] {
  const isFewSeries = series.length <= index.postings.valueCount(name) * seriesPerList;
  return isFewSeries ? valuesBySeries(index, name, series) : valuesByList(index, name, series);
}

function valuesBySeries(index: IndexReader, name: string, series: Uint32Array): string[] {
  const entry = new SeriesEntry();
  const values = new Set<number>();
  // A text can have several symbols in a foreign index, so the name is looked for by its text; once per symbol.
  const isName = new Map<number, boolean>();
  for (const each of series) {
    index.readSymbols(each, entry);
    for (let at = 0; at < entry.labelCount; at++) {
      const symbol = entry.names[at]!;
      let found = isName.get(symbol);
      if (found === undefined) isName.set(symbol, (found = index.symbols.text(symbol) === name));
      if (found) values.add(entry.values[at]!);
    }
  }
  return [...values].map((symbol) => index.symbols.text(symbol)).sort(compareStrings);
}

function valuesByList(index: IndexReader, name: string, series: Uint32Array): string[] {
  const values: string[] = [];
  const bits = bitmapOf([series]);
  index.postings.visitValues(name, (value, listOffset) => {
    if (hasAny(bits, index.readList(listOffset))) values.push(value);
    return true;
  });
  return values;
}
