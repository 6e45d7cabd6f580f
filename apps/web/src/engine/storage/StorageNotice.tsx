import type { StorageFacts, StorageStatusAnswer, StorageWriteProblem } from "@tatou/api";
import { browserClock } from "../../shared/clock.ts";
import { formatClock, formatElapsed } from "../../shared/format/time.ts";
import { followLink } from "../../shared/location.ts";
import classes from "./storage.module.css";
import { useStorageStatus } from "./use-storage-status.ts";

/** Says it loudly, on every page, when samples do not reach the disk, and what else is wrong with the storage. */
export function StorageNotice() {
  const { data } = useStorageStatus();
  if (data === undefined) return null;
  if (data.storage === null) return <Starting replay={data.replay} />;
  const { writeProblem, seriesFolded, seriesCountMax, unusableBlocks } = data.storage;
  return (
    <>
      {writeProblem !== null && <MemoryOnly problem={writeProblem} />}
      {seriesFolded > 0 && <Folded count={seriesFolded} seriesCountMax={seriesCountMax} />}
      {unusableBlocks.length > 0 && <Unusable blocks={unusableBlocks} />}
    </>
  );
}

function Starting({ replay: { min, max, current } }: { readonly replay: StorageStatusAnswer["replay"] }) {
  return (
    <div className={classes.notice} role="status">
      <strong className={classes.title}>The engine starts: it reads what it stored</strong>
      <div>
        Segment {current - min + 1} of {max - min + 1}. Nothing is scraped or answered before that is done.
      </div>
      <progress className={classes.progress} max={max - min + 1} value={current - min} aria-label="Segments read" />
    </div>
  );
}

function MemoryOnly({ problem: { reason, since, samplesNotWritten } }: { readonly problem: StorageWriteProblem }) {
  const sinceMs = Date.parse(since);
  const forMs = Math.max(0, browserClock.nowMs() - sinceMs);
  return (
    <div className={classes.loud} role="alert">
      <strong className={classes.title}>
        Samples are kept in memory only for {formatElapsed(forMs)}, since {formatClock(sinceMs)}
      </strong>
      <div>
        {samplesNotWritten.toLocaleString("en")} samples are lost if the engine ends now. Alerts and queries go on as
        always.
      </div>
      <div>Reason: {reason}</div>
      <div>Free space on the disk of the data directory, or make it writable: writing resumes by itself.</div>
    </div>
  );
}

function Folded({ count, seriesCountMax }: { readonly count: number; readonly seriesCountMax: number | null }) {
  return (
    <div className={classes.notice} role="status">
      <strong className={classes.title}>
        The limit of {seriesCountMax?.toLocaleString("en") ?? "memory for"} series is reached
      </strong>
      <div>
        {count.toLocaleString("en")} new series were folded into one series per metric and job. Totals stay right; who
        caused what cannot be seen any more. <StorageLink>See what has so many series</StorageLink>.
      </div>
    </div>
  );
}

function Unusable({ blocks }: { readonly blocks: StorageFacts["unusableBlocks"] }) {
  const count = blocks.length === 1 ? "One block" : `${blocks.length} blocks`;
  return (
    <div className={classes.notice} role="status">
      <strong className={classes.title}>{count} of stored samples cannot be read</strong>
      <div>
        The samples of that time are missing in graphs. <StorageLink>See which, and why</StorageLink>.
      </div>
    </div>
  );
}

function StorageLink({ children }: { readonly children: string }) {
  return (
    <a href="/tsdb-status" onClick={followLink}>
      {children}
    </a>
  );
}
