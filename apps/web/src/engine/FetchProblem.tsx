import { formatClock } from "../shared/format/time.ts";
import { diagnosticOf } from "../shared/http/api-error.ts";
import { Problem } from "../shared/states/Problem.tsx";
import classes from "./engine.module.css";

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
    <div className={classes.fetchProblem}>
      <Problem diagnostic={diagnosticOf(query.error)} onRetry={() => void query.refetch()} />
      {query.dataUpdatedAt > 0 && (
        <p className={classes.stale}>What stands below is old: it is of {formatClock(query.dataUpdatedAt)}.</p>
      )}
    </div>
  );
}
