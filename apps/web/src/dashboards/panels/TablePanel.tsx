import {
  boundsOf,
  compareCells,
  type DisplayField,
  type DisplayFrame,
  displayValue,
  reduceValues,
  rowCount,
  type TableSettings,
  type TimeZone,
} from "@tatou/dashboard-model";
import { useMemo, useState } from "react";
import { formatDateTime } from "../../shared/format/time.ts";
import { readableText } from "../../shared/theme/readable-text.ts";
import classes from "./panels.module.css";
import { cellStyle, columnWidth, isRightAligned, tableFrame } from "./table-columns.ts";

interface TablePanelProps {
  readonly settings: TableSettings;
  readonly frames: readonly DisplayFrame[];
  readonly nowMs: number;
  readonly zone: TimeZone;
}

interface Sort {
  readonly name: string;
  readonly descending: boolean;
}

/** More rows than anyone reads in a panel; the count of the rest is told. */
const rowCountMax = 500;

export function TablePanel({ settings, frames, nowMs, zone }: TablePanelProps) {
  const [chosen, setChosen] = useState<Sort | null>(null);
  const frame = useMemo(() => tableFrame(frames), [frames]);
  const sort = chosen ?? settings.sortBy[0] ?? null;
  const rows = useMemo(() => sortedRows(frame, sort), [frame, sort]);
  const columns = frame.fields.filter((field) => field.config.custom.hidden !== true);
  const text = (field: DisplayField, row: number) =>
    displayValue(field, field.values[row] ?? null, { nowMs, formatMoment: (timeMs) => formatDateTime(timeMs, zone) });
  return (
    <div className={classes.tableScroll}>
      <table className={classes.table}>
        {settings.showHeader && (
          <thead>
            <tr>
              {columns.map((field, index) => (
                <th
                  key={`${field.displayName}/${index}`}
                  scope="col"
                  style={columnWidth(field)}
                  data-right={isRightAligned(field) || undefined}
                  aria-sort={
                    sort?.name === field.displayName ? (sort.descending ? "descending" : "ascending") : undefined
                  }
                >
                  <button type="button" onClick={() => setChosen(nextSort(sort, field.displayName))}>
                    {field.displayName}
                    {sort?.name === field.displayName && (sort.descending ? " ↓" : " ↑")}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.slice(0, rowCountMax).map((row) => (
            <tr key={row}>
              {columns.map((field, index) => (
                <Cell
                  key={`${field.displayName}/${index}`}
                  field={field}
                  value={field.values[row] ?? null}
                  shown={text(field, row)}
                />
              ))}
            </tr>
          ))}
        </tbody>
        {settings.footer !== null && <Footer columns={columns} footer={settings.footer} />}
      </table>
      {rows.length > rowCountMax && <div className={classes.tableMore}>and {rows.length - rowCountMax} more rows</div>}
    </div>
  );
}

interface CellProps {
  readonly field: DisplayField;
  readonly value: number | string | null;
  readonly shown: { readonly text: string; readonly color: string | null };
}

function Cell({ field, value, shown }: CellProps) {
  const style = cellStyle(field);
  const color = shown.color ?? undefined;
  if (style === "gauge" && typeof value === "number") {
    const { min, max } = gaugeBounds(field);
    const ratio = Math.min(Math.max((value - min) / (max - min || 1), 0), 1);
    return (
      <td>
        <span className={classes.cellGauge}>
          <span className={classes.barTrack}>
            <span
              className={classes.barFill}
              style={{ width: `${ratio * 100}%`, background: color ?? "var(--tatou-accent)" }}
            />
          </span>
          <span className={classes.cellGaugeText}>{shown.text}</span>
        </span>
      </td>
    );
  }
  return (
    <td
      data-right={isRightAligned(field) || undefined}
      style={
        style === "text"
          ? { color: readableText(color ?? "currentColor"), fontWeight: 600 }
          : style === "background"
            ? { background: tinted(color) }
            : {}
      }
    >
      {shown.text}
    </td>
  );
}

function Footer({
  columns,
  footer,
}: {
  readonly columns: readonly DisplayField[];
  readonly footer: NonNullable<TableSettings["footer"]>;
}) {
  return (
    <tfoot>
      <tr>
        {columns.map((field, index) => {
          const wanted =
            field.kind === "number" && (footer.fields.length === 0 || footer.fields.includes(field.displayName));
          return (
            <td key={`${field.displayName}/${index}`} data-right={isRightAligned(field) || undefined}>
              {wanted
                ? displayValue(field, reduceValues(footer.reducer, field.values)).text
                : index === 0
                  ? footer.reducer
                  : ""}
            </td>
          );
        })}
      </tr>
    </tfoot>
  );
}

/** Without a maximum of its own a bar is measured against the largest value of its column. */
function gaugeBounds(field: DisplayField): { min: number; max: number } {
  const largest = reduceValues("max", field.values);
  return field.config.max === undefined && typeof largest === "number"
    ? { min: field.config.min ?? 0, max: largest }
    : boundsOf(field.config);
}

function tinted(color: string | undefined): string {
  return `color-mix(in srgb, ${color ?? "transparent"} 38%, transparent)`;
}

function nextSort(sort: Sort | null, name: string): Sort {
  return { name, descending: sort?.name === name ? !sort.descending : false };
}

function sortedRows(frame: DisplayFrame, sort: Sort | null): readonly number[] {
  const rows = Array.from({ length: rowCount(frame) }, (_, row) => row);
  const key =
    sort === null
      ? undefined
      : frame.fields.find((field) => field.displayName === sort.name || field.name === sort.name);
  if (key === undefined || sort === null) return rows;
  return rows.sort(
    (left, right) => compareCells(key.values[left] ?? null, key.values[right] ?? null) * (sort.descending ? -1 : 1),
  );
}
