import { Button } from "@mantine/core";
import type { Diagnostic } from "@tatou/model";
import { WarningIcon } from "../icons.tsx";
import classes from "./states.module.css";

interface ProblemProps {
  readonly diagnostic: Diagnostic;
  /** The text that the diagnostic's span points into. */
  readonly source?: string;
  readonly onRetry?: () => void;
}

/** What went wrong, where, and what to do about it. */
export function Problem({ diagnostic, source, onRetry }: ProblemProps) {
  const { message, hint, span } = diagnostic;
  return (
    <div className={classes.problem} role="alert">
      <WarningIcon className={classes.problemIcon} />
      <div className={classes.problemBody}>
        <div className={classes.problemMessage}>{message}</div>
        {source !== undefined && span !== undefined && (
          <pre className={classes.problemSource}>
            {source.slice(0, span.start)}
            <mark>{source.slice(span.start, Math.max(span.end, span.start + 1)) || " "}</mark>
            {source.slice(Math.max(span.end, span.start + 1))}
          </pre>
        )}
        {hint !== undefined && <div className={classes.problemHint}>{hint}</div>}
        {onRetry !== undefined && (
          <Button variant="default" size="compact-xs" mt={8} onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
