import { formatClock } from "../format/time.ts";
import { diagnosticOf } from "../http/api-error.ts";
import classes from "./FetchProblem.module.css";
import { Problem } from "./Problem.tsx";

interface FetchProblemProps {
  readonly query: {
    readonly error: unknown;
    /** 0 when nothing has arrived yet. */
    readonly dataUpdatedAt: number;
    readonly refetch: () => unknown;
  };
}

/** Why a page has no fresh data, and from when what it still shows is: an old "up" must not look like one of now. */
export function FetchProblem({ query }: FetchProblemProps) {
  return (
    <div className={classes.problem}>
      <Problem diagnostic={diagnosticOf(query.error)} onRetry={() => void query.refetch()} />
      {query.dataUpdatedAt > 0 && (
        <p className={classes.stale}>What stands below is old: it is of {formatClock(query.dataUpdatedAt)}.</p>
      )}
    </div>
  );
}
