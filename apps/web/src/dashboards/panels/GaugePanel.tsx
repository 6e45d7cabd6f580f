import {
  boundsOf,
  cssColor,
  type DisplayFrame,
  type ReducedValue,
  type ReduceSettings,
  reducePanel,
  thresholdValue,
} from "@tatou/dashboard-model";
import { useMemo } from "react";
import { readableText } from "../../shared/theme/readable-text.ts";
import { useContentSize } from "../../shared/use-content-size.ts";
import { arcPath } from "./arc-path.ts";
import classes from "./panels.module.css";
import { tileLayout } from "./tile-layout.ts";

interface GaugePanelProps {
  readonly reduce: ReduceSettings;
  readonly frames: readonly DisplayFrame[];
  readonly nowMs: number;
}

export function GaugePanel({ reduce, frames, nowMs }: GaugePanelProps) {
  const { ref, width, height } = useContentSize();
  const values = useMemo(() => reducePanel(frames, reduce, nowMs), [frames, reduce, nowMs]);
  const layout = tileLayout({ count: values.length, width, height, horizontal: null });
  return (
    <div
      ref={ref}
      className={classes.tiles}
      style={{ gridTemplateColumns: `repeat(${layout.columns}, minmax(0, 1fr))` }}
    >
      {width > 0 &&
        values.map((value, index) => <Gauge key={`${value.name}/${index}`} value={value} named={values.length > 1} />)}
    </div>
  );
}

/** The dial runs over 240 degrees, open at the bottom. */
const sweepDegrees = 240;
const startDegrees = -120;

/** Room between the ends of the dial, in its own units, and the width of a digit as a part of its height. */
const textWidth = 112;
const characterRatio = 0.64;

function Gauge({ value, named }: { readonly value: ReducedValue; readonly named: boolean }) {
  const { config } = value.field;
  const { min, max } = boundsOf(config);
  const ratio = typeof value.value === "number" ? Math.min(Math.max((value.value - min) / (max - min || 1), 0), 1) : 0;
  const angle = (share: number): number => startDegrees + sweepDegrees * share;
  const steps = config.thresholds.steps.map((step, index, all) => {
    const shareOf = (bound: number): number => Math.min(Math.max((bound - min) / (max - min || 1), 0), 1);
    const next = all[index + 1];
    return {
      color: cssColor(step.color),
      from: index === 0 ? 0 : shareOf(thresholdValue(config.thresholds, step, { min, max })),
      to: next === undefined ? 1 : shareOf(thresholdValue(config.thresholds, next, { min, max })),
    };
  });
  const color = value.shown.color ?? "var(--tatou-accent)";
  return (
    <div className={classes.gauge}>
      <svg
        viewBox="0 0 200 160"
        className={classes.gaugeDial}
        role="img"
        aria-label={`${value.name}: ${value.shown.text}`}
      >
        <path d={arcPath({ radius: 78, fromDegrees: angle(0), toDegrees: angle(1) })} className={classes.gaugeTrack} />
        {ratio > 0 && (
          <path
            d={arcPath({ radius: 78, fromDegrees: angle(0), toDegrees: angle(ratio) })}
            stroke={color}
            strokeWidth={18}
            fill="none"
          />
        )}
        {steps.map((step) => (
          <path
            key={`${step.from}/${step.color}`}
            d={arcPath({ radius: 91, fromDegrees: angle(step.from), toDegrees: angle(step.to) })}
            stroke={step.color}
            strokeWidth={4}
            fill="none"
          />
        ))}
        <text
          x={100}
          y={112}
          textAnchor="middle"
          className={classes.gaugeText}
          fill={readableText(color)}
          fontSize={Math.min(36, textWidth / (value.shown.text.length * characterRatio))}
        >
          {value.shown.text}
        </text>
      </svg>
      {named && <div className={classes.gaugeName}>{value.name}</div>}
    </div>
  );
}
