import { compareStrings, type Queryable, type SeriesQuery, type SeriesSelection } from "@tatou/model";
import { mergeSelections } from "./merge-selection.ts";

/**
 * What several sources hold together, asked within one turn, so that all answer as of the same moment.
 *
 * @param sources by time; where two have a sample of one series at one time, that of the first stays
 */
export async function selectFromAll(
  sources: readonly Queryable[],
  query: SeriesQuery,
  signal?: AbortSignal,
): Promise<SeriesSelection> {
  signal?.throwIfAborted();
  const asked = await Promise.allSettled(sources.map((source) => source.select(query, signal)));
  const selections = fulfilledOf(asked);
  const refused = asked.find((outcome) => outcome.status === "rejected");
  if (refused !== undefined) {
    for (const selection of selections) selection.close();
    throw refused.reason;
  }
  return mergeSelections(selections, { limit: query.hints?.limit ?? 0, signal });
}

/** Each text of the lists once, sorted by bytes. @param ask for the list of one source, sorted */
export async function textsFromAll(
  sources: readonly Queryable[],
  query: SeriesQuery,
  ask: (source: Queryable) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const lists = (await Promise.all(sources.map(ask))).filter((list) => list.length > 0);
  const all = lists.length <= 1 ? (lists[0] ?? []) : [...new Set(lists.flat())].sort(compareStrings);
  const limit = query.hints?.limit ?? 0;
  return limit > 0 ? all.slice(0, limit) : all;
}

function fulfilledOf<T>(outcomes: readonly PromiseSettledResult<T>[]): T[] {
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}
