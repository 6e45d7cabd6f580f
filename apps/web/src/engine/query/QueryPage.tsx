import { Button, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { browserClock } from "../../shared/clock.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { changeSearch, usePageLocation } from "../../shared/location.ts";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../engine.module.css";
import { type QueryRange, runQuery } from "../engine-api.ts";
import { errorSpan } from "./error-span.ts";
import { GraphResult } from "./GraphResult.tsx";
import { type QueryView, queryViewSearch, readQueryView, stepMsOf } from "./query-view.ts";
import { TableResult } from "./TableResult.tsx";

const ExpressionEditor = lazy(() => import("./ExpressionEditor.tsx"));

const ranges = [
  { value: "300000", label: "5 min" },
  { value: "900000", label: "15 min" },
  { value: "3600000", label: "1 hour" },
  { value: "21600000", label: "6 hours" },
  { value: "86400000", label: "1 day" },
];

/** Ask anything in PromQL: a table of now, or a graph. */
export function QueryPage() {
  usePageTitle("Query");
  const view = readQueryView(usePageLocation().search);
  const [draft, setDraft] = useState(view.expr);
  const [askedAtMs, setAskedAtMs] = useState(() => browserClock.nowMs());
  useEffect(() => setDraft(view.expr), [view.expr]);

  const change = (changes: Partial<QueryView>): void => {
    setAskedAtMs(browserClock.nowMs());
    const next = queryViewSearch({ ...view, ...changes });
    // Asking the same again adds no step to go back.
    changeSearch(next, { replace: isSameView(next, queryViewSearch(view)) });
  };
  const execute = (expr = draft): void => change({ expr: expr.trim() });
  return (
    <>
      <div className={classes.editor}>
        <Suspense fallback={<PlainEditor value={draft} onChange={setDraft} onExecute={execute} />}>
          <ExpressionEditor value={draft} onChange={setDraft} onExecute={execute} />
        </Suspense>
      </div>
      <div className={classes.bar}>
        <Button onClick={() => execute()}>Execute</Button>
        <SegmentedControl
          size="xs"
          aria-label="How to show the result"
          value={view.tab}
          onChange={(tab) => change({ tab: tab === "graph" ? "graph" : "table" })}
          data={[
            { value: "table", label: "Table" },
            { value: "graph", label: "Graph" },
          ]}
        />
        {view.tab === "graph" && (
          <Select
            aria-label="Time range"
            w={110}
            data={ranges}
            value={ranges.find(({ value }) => value === String(view.rangeMs))?.value ?? null}
            placeholder="Zoomed"
            allowDeselect={false}
            onChange={(value) => value !== null && change({ rangeMs: Number(value), endMs: null })}
          />
        )}
      </div>
      {view.expr === "" ? (
        <Hint title="Nothing asked yet">
          Write an expression, for example{" "}
          <a href="/query?g0.expr=up" onClick={(event) => (event.preventDefault(), execute("up"))}>
            up
          </a>
          , and press Enter.
        </Hint>
      ) : (
        <Result view={view} askedAtMs={askedAtMs} onZoom={(rangeMs, endMs) => change({ rangeMs, endMs })} />
      )}
    </>
  );
}

interface ResultProps {
  readonly view: QueryView;
  readonly askedAtMs: number;
  readonly onZoom: (rangeMs: number, endMs: number) => void;
}

function Result({ view, askedAtMs, onZoom }: ResultProps) {
  const endMs = view.endMs ?? askedAtMs;
  const stepMs = stepMsOf(view.rangeMs);
  // A grid of whole steps, so that a repeated question has the same answer.
  const range: QueryRange = { startMs: Math.floor((endMs - view.rangeMs) / stepMs) * stepMs, endMs, stepMs };
  const answer = useQuery({
    queryKey: ["query", view.expr, view.tab, endMs, view.rangeMs],
    queryFn: ({ signal }) => runQuery(view.expr, view.tab === "graph" ? range : { timeMs: endMs }, signal),
    // The old result stays until the new one is there, but a graph is no table and a table no graph.
    placeholderData: (before) =>
      (before?.data.resultType === "matrix") === (view.tab === "graph") ? before : undefined,
  });
  if (answer.isPending) return <TableSkeleton />;
  if (answer.isError) return <QueryProblem error={answer.error} expr={view.expr} />;
  const { data, notes, tookMs } = answer.data;
  return (
    <div className={answer.isPlaceholderData ? classes.outdated : undefined} aria-busy={answer.isPlaceholderData}>
      {notes.length > 0 && (
        <ul className={classes.notes}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {data.resultType === "matrix" && view.tab === "graph" ? (
        <GraphResult matrix={data.result} range={range} tookMs={tookMs} onZoom={onZoom} />
      ) : (
        <TableResult data={data} timeMs={endMs} tookMs={tookMs} />
      )}
    </div>
  );
}

function QueryProblem({ error, expr }: { readonly error: unknown; readonly expr: string }) {
  const diagnostic = diagnosticOf(error);
  const span = diagnostic.span ?? errorSpan(diagnostic.message, expr);
  return <Problem diagnostic={span === null ? diagnostic : { ...diagnostic, span }} source={expr} />;
}

function isSameView(next: Readonly<Record<string, string | null>>, current: typeof next): boolean {
  return Object.entries(next).every(([name, value]) => current[name] === value);
}

interface EditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onExecute: (expr?: string) => void;
}

/** Stands in until the editor with completion is loaded. */
function PlainEditor({ value, onChange, onExecute }: EditorProps) {
  return (
    <textarea
      className={classes.editorPlain}
      aria-label="Expression"
      rows={1}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        onExecute();
      }}
    />
  );
}
