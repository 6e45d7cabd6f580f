import type { ScrapeConfig } from "@tatou/config";
import { type ExpositionFormat, ExpositionParser } from "@tatou/exposition";
import {
  type Appender,
  appendStatus,
  type Labels,
  labelValue,
  metricNameLabel,
  SeriesLimitError,
  type SeriesRef,
} from "@tatou/model";
import { ScrapeError } from "../errors.ts";
import type { MetricMetadata } from "./metric-metadata.ts";
import { storedLabels } from "./sample-labels.ts";
import { noRow, type SeriesCache } from "./series-cache.ts";
import { droppedRef } from "./series-template.ts";
import { StartTimes } from "./start-times.ts";
import { SteadyRow } from "./steady-row.ts";

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
  readonly features: ScrapeFeatures;
}

/** What of a body is handed to the storage besides its samples. */
export interface ScrapeFeatures {
  /** When counters began, as OpenMetrics bodies say; the series that say so are not stored then. */
  readonly startTimes: boolean;
  readonly exemplars: boolean;
  /** Type, help and unit, when a series is new or what is said has changed. */
  readonly metadata: boolean;
}

/** Exposed timestamps may be this far ahead, as in Prometheus. */
const aheadMaxMs = 10 * 60_000;

/**
 * Hot: appends the samples of a body piece by piece. The tally is filled as far as the body could be read, also when
 * `advance` throws.
 */
export class BodyReading {
  readonly #body: BodyToAppend;
  readonly #tally: BodyTally;
  /** A body like the last one, which is nearly always so; else null, and the parser reads it line by line. */
  readonly #steady: SteadyRow | null;
  readonly #parser: ExpositionParser | null;
  readonly #startTimes: StartTimes | null = null;

  constructor(body: BodyToAppend, tally: BodyTally) {
    const { bytes, format, timeMs, cache, config, features } = body;
    this.#body = body;
    this.#tally = tally;
    const isOverLimit = config.sampleLimit > 0 && cache.template.keptCount > config.sampleLimit;
    this.#steady = isOverLimit ? null : SteadyRow.read(bytes, timeMs, cache);
    this.#parser = this.#steady === null ? new ExpositionParser(bytes, format, cache) : null;
    if (this.#steady === null) {
      cache.begin(bytes);
      // Bodies that say start times are never steady: their lines that do so are left out.
      if (features.startTimes && format === "openmetrics") this.#startTimes = StartTimes.read(bytes);
    } else {
      tally.scraped = cache.template.lineCount;
      tally.kept = cache.template.keptCount;
    }
  }

  /**
   * Reads on, over so many entries at most.
   * @returns whether that was the end
   * @throws {ExpositionSyntaxError} the body is malformed
   * @throws {ScrapeError} a limit is exceeded, or labels are invalid
   */
  advance(entryCountMax: number): boolean {
    const { appender } = this.#body;
    if (this.#steady !== null) return this.#steady.append(appender, entryCountMax, this.#onRefused);
    return this.#advanceByLines(this.#parser!, entryCountMax);
  }

  /** After the end: the refs of series that ended with this body. */
  finish(): readonly SeriesRef[] {
    if (this.#steady !== null) return [];
    this.#body.metadata.settle();
    return this.#body.cache.succeed();
  }

  #advanceByLines(parser: ExpositionParser, entryCountMax: number): boolean {
    const body = this.#body;
    for (let left = entryCountMax; left > 0; left--) {
      const entry = parser.next();
      if (entry === "series") this.#takeSample(parser);
      else if (entry !== "end") body.metadata.take(parser, entry);
      else {
        checkSampleLimit(body.config, this.#tally);
        return true;
      }
    }
    return false;
  }

  #takeSample(parser: ExpositionParser): void {
    const body = this.#body;
    const tally = this.#tally;
    const { config, cache, timeMs } = body;
    if (this.#startTimes?.isCreated(parser.labels()) === true) {
      cache.leaveOut(parser);
      return;
    }
    tally.scraped++;
    const row = cache.find(parser.seriesStart, parser.seriesEnd);
    const ref = refOf(row, parser, body, tally);
    if (ref === undefined) {
      tally.seriesRefused++;
      cache.leaveOut(parser);
      return;
    }
    const hasOwnTime = config.honorTimestamps && parser.hasTimestamp;
    const isFirst = row === noRow || !cache.isSeen(row);
    if (isFirst) cache.place(row, parser, ref, !hasOwnTime || config.trackTimestampsStaleness);
    else cache.leaveOut(parser);
    if (ref === droppedRef) return;
    tally.kept++;
    // What is over the limit is still counted, so that people see by how much.
    if (config.sampleLimit > 0 && tally.kept > config.sampleLimit) return;
    const sampleMs = hasOwnTime ? parser.timestampMs : timeMs;
    if (!isFirst && !hasOwnTime) tally.duplicate++;
    else if (sampleMs > timeMs + aheadMaxMs) tally.outOfBounds++;
    else this.#append(parser, ref, sampleMs);
    if (body.features.metadata) this.#describe(parser, ref, row === noRow);
  }

  /** The sample with what belongs to it. */
  #append(parser: ExpositionParser, ref: SeriesRef, sampleMs: number): void {
    const { appender, features } = this.#body;
    const startMs = this.#startTimes?.startMsOf(parser.labels());
    if (startMs !== undefined) appender.noteStartTime(ref, sampleMs, startMs);
    count(this.#tally, appender.append(ref, sampleMs, parser.value));
    const exemplar = features.exemplars ? parser.exemplar() : null;
    if (exemplar === null) return;
    const { labels, value, timestampMs } = exemplar;
    appender.appendExemplar(ref, { labels, value, timestampMs: timestampMs ?? sampleMs });
  }

  #describe(parser: ExpositionParser, ref: SeriesRef, isNew: boolean): void {
    const { metadata, appender } = this.#body;
    if (!isNew && !metadata.hasChanged) return;
    const description = metadata.ofSeries(labelValue(parser.labels(), metricNameLabel));
    if (description === undefined || !(isNew || metadata.isChanged(description.metric))) return;
    const { type, unit, help } = description;
    appender.setMetadata(ref, { type, unit, help });
  }

  readonly #onRefused = (row: number, status: number, value: number): void => {
    if (status !== appendStatus.unknownSeries) {
      count(this.#tally, status);
      return;
    }
    const { cache, appender, timeMs } = this.#body;
    const labels = cache.labelsOfKept(row);
    const ref = resolveRef(labels, this.#body);
    if (ref === undefined || ref === droppedRef) {
      this.#tally.seriesRefused++;
      return;
    }
    cache.replaceKept(row, ref);
    this.#tally.seriesAdded++;
    count(this.#tally, appender.append(ref, timeMs, value));
  };
}

function checkSampleLimit({ sampleLimit }: ScrapeConfig, tally: BodyTally): void {
  if (sampleLimit > 0 && tally.kept > sampleLimit) throw new ScrapeError("sample_limit", "sample limit exceeded");
}

/** The series of the current line; undefined when the storage has no room for it. */
// oxlint-disable-next-line max-params -- called for each sample: an object for it would be one for each
function refOf(row: number, parser: ExpositionParser, body: BodyToAppend, tally: BodyTally): SeriesRef | undefined {
  if (row !== noRow) {
    const known = body.cache.refOf(row);
    if (known === droppedRef || body.appender.isLive(known)) return known;
  }
  const ref = resolveRef(parser.labels(), body);
  if (ref !== undefined && ref !== droppedRef) tally.seriesAdded++;
  return ref;
}

function resolveRef(exposed: Labels, { targetLabels, config, appender }: BodyToAppend): SeriesRef | undefined {
  const labels = storedLabels(exposed, targetLabels, config);
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
