import { type DisplayFrame, displayValue, type TimeRange, type TimeZone } from "@tatou/dashboard-model";
import { useMemo } from "react";
import { seriesColor } from "../../shared/chart/series-colors.ts";
import { formatClock, formatDateTime } from "../../shared/format/time.ts";
import classes from "./panels.module.css";
import { timelineRows } from "./timeline-rows.ts";

interface StateTimelinePanelProps {
  readonly frames: readonly DisplayFrame[];
  readonly range: TimeRange;
  readonly zone: TimeZone;
  readonly mergeEqual: boolean;
  readonly showValues: boolean;
}

/** Below this share of the width a state has no room for its text. */
const textShareMin = 0.06;

/** One lane for each series, with its states in colours from left to right. */
export function StateTimelinePanel({ frames, range, zone, mergeEqual, showValues }: StateTimelinePanelProps) {
  const rows = useMemo(() => timelineRows(frames, mergeEqual), [frames, mergeEqual]);
  const lengthMs = range.maxTimeMs - range.minTimeMs;
  const shareOf = (timeMs: number): number => Math.min(Math.max((timeMs - range.minTimeMs) / lengthMs, 0), 1);
  const colors = new Map<string, string>();
  const colorOf = (text: string): string => {
    const known = colors.get(text) ?? seriesColor(colors.size);
    colors.set(text, known);
    return known;
  };
  return (
    <div className={classes.timeline}>
      {rows.map((row, index) => (
        <div key={`${row.field.displayName}/${index}`} className={classes.timelineRow}>
          <span className={classes.timelineName} title={row.field.displayName}>
            {row.field.displayName}
          </span>
          <span className={classes.timelineLane}>
            {row.states.map((state) => {
              const shown = displayValue(row.field, state.value);
              const [from, to] = [shareOf(state.startMs), shareOf(state.endMs)];
              return (
                <span
                  key={state.startMs}
                  className={classes.timelineState}
                  title={`${shown.text}: ${formatDateTime(state.startMs, zone)} to ${formatClock(state.endMs, zone)}`}
                  style={{
                    left: `${from * 100}%`,
                    width: `${(to - from) * 100}%`,
                    background: shown.color ?? colorOf(shown.text),
                  }}
                >
                  {showValues && to - from > textShareMin ? shown.text : ""}
                </span>
              );
            })}
          </span>
        </div>
      ))}
      <div className={classes.timelineAxis}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share}>{formatClock(range.minTimeMs + lengthMs * share, zone, false)}</span>
        ))}
      </div>
    </div>
  );
}
