import classes from "./panels.module.css";
import { sparklinePath } from "./sparkline-path.ts";

interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly color: string;
}

/** The course of a value in a line without scales. */
export function Sparkline({ values, color }: SparklineProps) {
  const { line, area } = sparklinePath(values);
  return (
    <svg className={classes.sparkline} viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      <path d={area} fill={color} opacity={0.16} />
      <path d={line} fill="none" stroke={color} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
