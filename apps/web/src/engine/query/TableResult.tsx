import { Table } from "@mantine/core";
import { formatDateTime } from "../../shared/format/time.ts";
import { Hint } from "../../shared/states/Hint.tsx";
import classes from "../engine.module.css";
import type { QueryData } from "../engine-api.ts";
import { tableRows } from "./table-rows.ts";

/** Rows beyond these are counted, not drawn. */
const rowsMax = 1000;

interface TableResultProps {
  readonly data: QueryData;
  /** For which moment the expression was evaluated. */
  readonly timeMs: number;
  readonly tookMs: number;
}

/** An instant result: a row per series. */
export function TableResult({ data, timeMs, tookMs }: TableResultProps) {
  const rows = tableRows(data);
  if (rows.length === 0)
    return (
      <Hint title="Empty result">No series has a sample that this expression lets through, {moment(timeMs)}.</Hint>
    );
  return (
    <div className={classes.group}>
      <div className={classes.groupHead}>
        <span className={classes.muted}>
          {rows.length} series {moment(timeMs)}, in {Math.round(tookMs)} ms
          {rows.length > rowsMax ? `; the first ${rowsMax} are shown` : ""}
        </span>
      </div>
      <Table aria-label="Result of the query">
        <Table.Tbody>
          {rows.slice(0, rowsMax).map(({ series, value }) => (
            <Table.Tr key={series}>
              <Table.Td className={classes.mono}>{series}</Table.Td>
              <Table.Td className={classes.number}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function moment(timeMs: number): string {
  return `at ${formatDateTime(timeMs)}`;
}
