import { Button, Drawer, Tabs } from "@mantine/core";
import { displayValue, type Panel, rowCount, type TimeZone } from "@tatou/dashboard-model";
import { useState } from "react";
import { formatDateTime } from "../../shared/format/time.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import classes from "./panel.module.css";
import type { PanelState } from "./use-panel-data.ts";

interface PanelInspectProps {
  readonly title: string;
  readonly panel: Panel;
  readonly state: PanelState;
  readonly zone: TimeZone;
  readonly onClose: () => void;
}

/** What a panel asked and what came back, for whoever doubts the picture. */
export function PanelInspect({ title, panel, state, zone, onClose }: PanelInspectProps) {
  return (
    <Drawer opened onClose={onClose} position="right" size="min(760px, 92vw)" title={`Inspect: ${title}`}>
      <Tabs defaultValue="query">
        <Tabs.List>
          <Tabs.Tab value="query">Queries</Tabs.Tab>
          <Tabs.Tab value="data">Data</Tabs.Tab>
          <Tabs.Tab value="json">Answer</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="query" pt="md">
          <Queries panel={panel} state={state} zone={zone} />
        </Tabs.Panel>
        <Tabs.Panel value="data" pt="md">
          <DataTables state={state} zone={zone} />
        </Tabs.Panel>
        <Tabs.Panel value="json" pt="md">
          <Answers state={state} />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
}

function Queries({
  panel,
  state,
  zone,
}: {
  readonly panel: Panel;
  readonly state: PanelState;
  readonly zone: TimeZone;
}) {
  if (state.queries.length === 0) return <Hint>This panel asks nothing.</Hint>;
  return (
    <>
      {state.error !== null && <Problem diagnostic={diagnosticOf(state.error)} onRetry={state.reload} />}
      {state.queries.map((query) => {
        const written = panel.targets.find((target) => target.refId === query.refId)?.expression ?? "";
        return (
          <div key={query.refId} className={classes.query}>
            <div className={classes.queryHead}>
              <strong>{query.refId}</strong>
              <span>
                {query.time.kind === "instant"
                  ? `at ${formatDateTime(query.time.timeMs, zone)}`
                  : `${formatDateTime(query.time.minTimeMs, zone)} to ${formatDateTime(query.time.maxTimeMs, zone)}, every ${query.time.stepMs / 1000}s`}
              </span>
            </div>
            <pre className={classes.code}>{query.expression}</pre>
            {written !== query.expression && (
              <>
                <div className={classes.queryNote}>as written in the dashboard:</div>
                <pre className={classes.code}>{written}</pre>
              </>
            )}
          </div>
        );
      })}
    </>
  );
}

/** Rows drawn of each frame: the picture needs no more explanation than this. */
const rowCountMax = 200;
const frameCountMax = 20;

function DataTables({ state, zone }: { readonly state: PanelState; readonly zone: TimeZone }) {
  const frames = state.data?.frames ?? [];
  if (frames.length === 0) return <Hint>No data.</Hint>;
  return (
    <>
      {frames.slice(0, frameCountMax).map((frame, index) => (
        <div key={index} className={classes.inspectTable}>
          <table>
            <thead>
              <tr>
                {frame.fields.map((field, column) => (
                  <th key={column}>{field.displayName}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: Math.min(rowCount(frame), rowCountMax) }, (_, back) => {
                const row = rowCount(frame) - 1 - back;
                return (
                  <tr key={row}>
                    {frame.fields.map((field, column) => (
                      <td key={column}>
                        {
                          displayValue(field, field.values[row] ?? null, {
                            formatMoment: (timeMs) => formatDateTime(timeMs, zone),
                          }).text
                        }
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
          {rowCount(frame) > rowCountMax && (
            <p className={classes.queryNote}>
              The last {rowCountMax} of {rowCount(frame)} rows.
            </p>
          )}
        </div>
      ))}
      {frames.length > frameCountMax && (
        <p className={classes.queryNote}>and {frames.length - frameCountMax} more series</p>
      )}
    </>
  );
}

/** Longer answers are cut on screen; the copy is whole. */
const textLengthMax = 50_000;

function Answers({ state }: { readonly state: PanelState }) {
  const [copied, setCopied] = useState(false);
  if (state.answers === undefined) return <Hint>No answer yet.</Hint>;
  const text = JSON.stringify(state.answers, null, 2);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <>
      <Button variant="default" mb="xs" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy all"}
      </Button>
      <pre className={classes.code}>
        {text.slice(0, textLengthMax)}
        {text.length > textLengthMax && "\n…"}
      </pre>
    </>
  );
}
