import type { CheckedAlertAnswer } from "@tatou/api";
import { formatElapsed } from "../../shared/format/time.ts";
import classes from "./check.module.css";

interface DetectionBarProps {
  readonly alert: CheckedAlertAnswer;
  /** How many seconds the whole width stands for. */
  readonly widthSeconds: number;
}

/** The time until somebody is told, part by part, with a line where the budget ends. */
export function DetectionBar({ alert, widthSeconds }: DetectionBarProps) {
  const { parts, totalSeconds, budgetSeconds } = alert;
  const percent = (seconds: number): string => `${Math.min(100, (seconds / widthSeconds) * 100)}%`;
  const isLong = totalSeconds > widthSeconds;
  const share = isLong ? widthSeconds / totalSeconds : 1;
  return (
    <div className={classes.bar} role="img" aria-label={partsText(alert)} title={partsText(alert)}>
      {parts.map(({ name, seconds }) => (
        <span key={name} className={classes.part} data-part={name} style={{ width: percent(seconds * share) }} />
      ))}
      {isLong && <span className={classes.cut} />}
      {budgetSeconds !== null && budgetSeconds <= widthSeconds && (
        <span className={classes.budget} style={{ left: percent(budgetSeconds) }} />
      )}
    </div>
  );
}

function partsText({ parts }: CheckedAlertAnswer): string {
  return parts
    .filter(({ seconds }) => seconds > 0)
    .map(({ name, seconds }) => `${name.replace("_", " ")} ${formatElapsed(seconds * 1000)}`)
    .join(", ");
}
