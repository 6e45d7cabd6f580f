import { type Clock, type Log, makeMatcher, silentLog } from "@tatou/model";
import { compactionWorkerUrl, Tsdb } from "@tatou/tsdb";
import { tickTimeMs } from "./history.ts";

/**
 * The store as the suites use it: nothing is dropped by age, and late samples are taken. Blocks are written by a thread of
 * their own, as in an engine, or, in virtual time, by this one.
 */
export function openStore(
  directory: string,
  clock: Clock,
  { log = silentLog, hasWorker = false }: { readonly log?: Log; readonly hasWorker?: boolean } = {},
): Promise<Tsdb> {
  return Tsdb.open({
    directory,
    clock,
    log,
    ...(hasWorker && { compactionWorkerUrl }),
    retention: { timeMs: 400 * 86_400_000 },
    outOfOrderWindowMs: 3_600_000,
    segmentSizeMaxBytes: 4 * 1024 * 1024,
  });
}

/** The series of which a stretch is deleted every so many ticks, behind the commit of that tick. */
export const deletedSeriesIndex = 2;
export const deleteEveryTicks = 400;

/** Old ticks are deleted, counted back from the tick at which that is done; both inclusive. */
const deletedFromBefore = 300;
const deletedToBefore = 200;

export function deletesAt(tick: number): boolean {
  return tick % deleteEveryTicks === deleteEveryTicks - 1;
}

/** Whether a tick of the series is gone once all deletions up to a tick are done. */
export function isDeletedBy(doneTick: number, tick: number): boolean {
  const deletedAt = tick - (tick % deleteEveryTicks) + deleteEveryTicks - 1;
  const before = deletedAt - tick;
  return deletedAt <= doneTick && before <= deletedFromBefore && before >= deletedToBefore;
}

/** May be repeated: what is gone stays gone. */
export async function deleteOldTicks(store: Tsdb, tick: number): Promise<void> {
  await store.deleteSamples({
    matchers: [makeMatcher("job", "=", "history"), makeMatcher("series", "=", String(deletedSeriesIndex))],
    minTimeMs: tickTimeMs(tick - deletedFromBefore),
    maxTimeMs: tickTimeMs(tick - deletedToBefore),
  });
}
