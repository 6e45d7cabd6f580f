import { type DisplayFrame, type ReducedValue, reducePanel, type StatSettings } from "@tatou/dashboard-model";
import { useMemo } from "react";
import { readableText } from "../../shared/theme/readable-text.ts";
import { useContentSize } from "../../shared/use-content-size.ts";
import classes from "./panels.module.css";
import { Sparkline } from "./Sparkline.tsx";
import { textOn } from "./text-on.ts";
import { tileLayout } from "./tile-layout.ts";

interface StatPanelProps {
  readonly settings: StatSettings;
  readonly frames: readonly DisplayFrame[];
  readonly nowMs: number;
}

/** Big numbers, one tile for each value; the text is as large as its tile lets it be. */
export function StatPanel({ settings, frames, nowMs }: StatPanelProps) {
  const { ref, width, height } = useContentSize();
  const values = useMemo(() => reducePanel(frames, settings.reduce, nowMs), [frames, settings, nowMs]);
  const layout = tileLayout({ count: values.length, width, height, horizontal: settings.horizontal });
  return (
    <div
      ref={ref}
      className={classes.tiles}
      style={{ gridTemplateColumns: `repeat(${layout.columns}, minmax(0, 1fr))` }}
    >
      {width > 0 &&
        values.map((value, index) => (
          <StatTile
            key={`${value.name}/${index}`}
            value={value}
            settings={settings}
            count={values.length}
            {...layout}
          />
        ))}
    </div>
  );
}

interface StatTileProps {
  readonly value: ReducedValue;
  readonly settings: StatSettings;
  readonly count: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Below this height name and value stand side by side. */
const flatPixels = 44;

/** Part of a tile that the course of the value takes at its foot. */
const sparklineShare = 0.3;

function StatTile({ value, settings, count, tileWidth, tileHeight }: StatTileProps) {
  const { colorMode, textMode } = settings;
  const color = value.shown.color ?? "var(--tatou-accent)";
  const filled = colorMode === "background";
  const named = textMode === "value_and_name" || textMode === "name" || (textMode === "auto" && count > 1);
  const valueShown = textMode !== "name" && textMode !== "none";
  const text = `${settings.prefix}${value.shown.text}${settings.postfix}`;
  const nameSize = named ? Math.min(15, Math.max(11, tileHeight * 0.14)) : 0;
  const sparkline = settings.sparkline && value.trend !== null && tileHeight > 60;
  const room =
    tileHeight -
    (named && tileHeight >= flatPixels ? nameSize * 1.5 : 0) -
    (sparkline ? tileHeight * sparklineShare : 0) -
    8;
  const valueSize = Math.max(12, Math.min(room * 0.72, ((tileWidth - 20) / Math.max(2, text.length)) * 1.7, 64));
  return (
    <div
      className={classes.tile}
      data-filled={filled || undefined}
      style={filled ? { background: color, color: textOn(color) } : {}}
    >
      <div className={classes.tileTexts} style={sparkline ? { paddingBottom: tileHeight * sparklineShare } : {}}>
        {named && (
          <div className={classes.tileName} style={{ fontSize: nameSize }} title={value.name}>
            {value.name}
          </div>
        )}
        {valueShown && (
          <div
            className={classes.tileValue}
            style={{ fontSize: valueSize, ...(colorMode === "value" ? { color: readableText(color) } : {}) }}
          >
            {text}
          </div>
        )}
      </div>
      {sparkline && value.trend !== null && <Sparkline values={value.trend} color={filled ? textOn(color) : color} />}
    </div>
  );
}
