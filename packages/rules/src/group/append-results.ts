import {
  type Appendable,
  type AppendStatus,
  appendStatus,
  appendStatusText,
  type Labels,
  labelsKey,
} from "@tatou/model";
import { RuleResultError } from "../errors.ts";
import type { ResultSample } from "../evaluation/evaluation-context.ts";

/** Series by their key. */
export type SeriesSet = ReadonlyMap<string, Labels>;

export interface AppendOutcome {
  /** The series that got a sample. */
  readonly written: SeriesSet;
  /** Of the first sample that was refused. */
  readonly error: Error | null;
}

/**
 * Writes the results of a rule in one batch, and marks as stale the series that the rule gave last time and gives no more.
 * A refused sample does not keep the others from being written.
 * @throws {StorageWriteError} nothing was written
 */
export function appendResults(
  appendable: Appendable,
  results: readonly ResultSample[],
  previous: SeriesSet,
  staleTimeMs: number,
): AppendOutcome {
  const appender = appendable.appender();
  const written = new Map<string, Labels>();
  let error: Error | null = null;
  try {
    for (const { labels, timeMs, value } of results) {
      const refusal = refusalOf(() => appender.append(appender.resolve(labels), timeMs, value));
      if (refusal === null) written.set(labelsKey(labels), labels);
      else error ??= refusal;
    }
    for (const [key, labels] of previous) {
      // A refusal is expected here: another rule may give the series now.
      if (!written.has(key)) refusalOf(() => appender.appendStale(appender.resolve(labels), staleTimeMs));
    }
  } catch (thrown) {
    appender.rollback();
    throw thrown;
  }
  appender.commit();
  return { written, error };
}

/** Marks series as stale, whatever they are. @throws {StorageWriteError} */
export function appendStaleMarkers(appendable: Appendable, series: readonly Labels[], timeMs: number): void {
  appendResults(appendable, [], new Map(series.map((labels) => [labelsKey(labels), labels])), timeMs);
}

/** Null when the sample was taken; a full store refuses single series, so that is a refusal too. */
function refusalOf(append: () => AppendStatus): Error | null {
  try {
    const status = append();
    if (status === appendStatus.ok) return null;
    const hint = "Let only one rule give these series, and keep the clock from stepping back";
    return new RuleResultError("rule_append", appendStatusText[status], hint);
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}
