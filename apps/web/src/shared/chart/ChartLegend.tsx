import type { MouseEvent } from "react";
import classes from "./chart.module.css";

export interface LegendEntry {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  /** Already written, in the order of `calcNames`. */
  readonly calcs: readonly string[];
  readonly off: boolean;
}

interface ChartLegendProps {
  readonly entries: readonly LegendEntry[];
  readonly calcNames: readonly string[];
  readonly mode: "list" | "table";
  /** A plain click shows one series alone, or all again; with Ctrl, Cmd or Shift it adds or takes away one. */
  readonly onToggle: (key: string, additive: boolean) => void;
}

/** The names below (or beside) a chart; a long list scrolls within itself. */
export function ChartLegend({ entries, calcNames, mode, onToggle }: ChartLegendProps) {
  const toggle = (key: string) => (event: MouseEvent) =>
    onToggle(key, event.ctrlKey || event.metaKey || event.shiftKey);
  if (mode === "list")
    return (
      <div className={classes.legend}>
        {entries.map((entry) => (
          <LegendButton key={entry.key} entry={entry} onClick={toggle(entry.key)}>
            {entry.calcs.map((calc, index) => (
              <span key={calcNames[index]} className={classes.legendCalc}>
                {calcNames[index]} {calc}
              </span>
            ))}
          </LegendButton>
        ))}
      </div>
    );
  return (
    <div className={classes.legendTable}>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            {calcNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.key}>
              <td>
                <LegendButton entry={entry} onClick={toggle(entry.key)} />
              </td>
              {entry.calcs.map((calc, index) => (
                <td key={calcNames[index]}>{calc}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LegendButtonProps {
  readonly entry: LegendEntry;
  readonly onClick: (event: MouseEvent) => void;
  readonly children?: React.ReactNode;
}

function LegendButton({ entry, onClick, children }: LegendButtonProps) {
  return (
    <button
      type="button"
      className={classes.legendEntry}
      data-off={entry.off || undefined}
      aria-pressed={!entry.off}
      title={entry.label}
      onClick={onClick}
    >
      <span className={classes.swatch} style={{ background: entry.color }} />
      <span className={classes.legendLabel}>{entry.label}</span>
      {children}
    </button>
  );
}
