import type { ScrapeConfig } from "@tatou/config";
import { type ExpositionFormat, ExpositionParser } from "@tatou/exposition";
import { type Appender, appendStatus, type Labels, SeriesLimitError, type SeriesRef } from "@tatou/model";
import { ScrapeError } from "../errors.ts";
import type { MetricMetadata } from "./metric-metadata.ts";
import { storedLabels } from "./sample-labels.ts";
import { droppedRef, noRow, type SeriesCache } from "./series-cache.ts";

/** What came of the samples of one body. */
export interface BodyTally {
  /** Samples in the body. */
  scraped: number;
  /** Of these, what metric relabelling left. */
  kept: number;
  /** Series that the scrape before did not have. */
  seriesAdded: number;
  /** Samples the storage refused. */
  outOfOrder: number;
  duplicate: number;
  outOfBounds: number;
  /** Samples of new series for which the storage had no room. */
  seriesRefused: number;
}

export function emptyTally(): BodyTally {
  return { scraped: 0, kept: 0, seriesAdded: 0, outOfOrder: 0, duplicate: 0, outOfBounds: 0, seriesRefused: 0 };
}

export interface BodyToAppend {
  readonly bytes: Uint8Array;
  readonly format: ExpositionFormat;
  readonly timeMs: number;
  readonly targetLabels: Labels;
  readonly config: ScrapeConfig;
  readonly appender: Appender;
  readonly cache: SeriesCache;
  readonly metadata: MetricMetadata;
}

/** Exposed timestamps may be this far ahead, as in Prometheus. */
const aheadMaxMs = 10 * 60_000;

/**
 * Hot: appends the samples of a body piece by piece, with the cache between its `begin` and its end. The tally is filled as
 * far as the body could be read, also when `advance` throws.
 */
export class BodyReading {
  readonly #body: BodyToAppend;
  readonly #tally: BodyTally;
  readonly #parser: ExpositionParser;

  constructor(body: BodyToAppend, tally: BodyTally) {
    body.cache.begin(body.bytes);
    this.#body = body;
    this.#tally = tally;
    this.#parser = new ExpositionParser(body.bytes, body.format, body.cache);
  }

  /**
   * Reads on, over so many entries at most.
   * @returns whether that was the end
   * @throws {ExpositionSyntaxError} the body is malformed
   * @throws {ScrapeError} a limit is exceeded, or labels are invalid
   */
  advance(entryCountMax: number): boolean {
    const body = this.#body;
    const parser = this.#parser;
    for (let left = entryCountMax; left > 0; left--) {
      const entry = parser.next();
      if (entry === "series") takeSample(parser, body, this.#tally);
      else if (entry !== "end") body.metadata.take(parser, entry);
      else {
        checkSampleLimit(body.config, this.#tally);
        return true;
      }
    }
    return false;
  }
}

function takeSample(parser: ExpositionParser, body: BodyToAppend, tally: BodyTally): void {
  const { config, appender, cache, timeMs } = body;
  tally.scraped++;
  const row = rowOf(parser, body, tally);
  if (row === noRow) return;
  const ref = cache.refOf(row);
  const hasOwnTime = config.honorTimestamps && parser.hasTimestamp;
  const isFirst = cache.see(row, ref !== droppedRef && (!hasOwnTime || config.trackTimestampsStaleness));
  if (ref === droppedRef) return;
  tally.kept++;
  // What is over the limit is still counted, so that people see by how much.
  if (config.sampleLimit > 0 && tally.kept > config.sampleLimit) return;
  const sampleMs = hasOwnTime ? parser.timestampMs : timeMs;
  if (!isFirst && !hasOwnTime) tally.duplicate++;
  else if (sampleMs > timeMs + aheadMaxMs) tally.outOfBounds++;
  else count(tally, appender.append(ref, sampleMs, parser.value));
}

function checkSampleLimit({ sampleLimit }: ScrapeConfig, tally: BodyTally): void {
  if (sampleLimit > 0 && tally.kept > sampleLimit) throw new ScrapeError("sample_limit", "sample limit exceeded");
}

/** The row of the current series; noRow when the storage has no room for it. */
function rowOf(parser: ExpositionParser, body: BodyToAppend, tally: BodyTally): number {
  const { cache, appender } = body;
  const known = cache.find(parser.seriesStart, parser.seriesEnd);
  if (known !== noRow) {
    const ref = cache.refOf(known);
    if (ref === droppedRef || appender.isLive(ref)) return known;
  }
  const ref = resolveRef(parser, body);
  if (ref === undefined) {
    tally.seriesRefused++;
    return noRow;
  }
  if (ref !== droppedRef) tally.seriesAdded++;
  if (known === noRow) return cache.add(parser.seriesStart, parser.seriesEnd, ref);
  cache.replaceRef(known, ref);
  return known;
}

function resolveRef(parser: ExpositionParser, { targetLabels, config, appender }: BodyToAppend): SeriesRef | undefined {
  const labels = storedLabels(parser.labels(), targetLabels, config);
  if (labels === null) return droppedRef;
  try {
    return appender.resolve(labels);
  } catch (error) {
    if (error instanceof SeriesLimitError) return undefined;
    throw error;
  }
}

function count(tally: BodyTally, status: number): void {
  if (status === appendStatus.ok) return;
  if (status === appendStatus.outOfOrder) tally.outOfOrder++;
  else if (status === appendStatus.duplicate) tally.duplicate++;
  else tally.outOfBounds++;
}
