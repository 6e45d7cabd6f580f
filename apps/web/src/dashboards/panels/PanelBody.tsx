import {
  type DisplayFrame,
  interpolateText,
  type Panel,
  rowCount,
  type TimeRange,
  type TimeZone,
  type VariableScope,
} from "@tatou/dashboard-model";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import type { PanelState } from "../view/use-panel-data.ts";
import { BarGaugePanel } from "./BarGaugePanel.tsx";
import { GaugePanel } from "./GaugePanel.tsx";
import { PieChartPanel } from "./PieChartPanel.tsx";
import classes from "./panels.module.css";
import { StateTimelinePanel } from "./StateTimelinePanel.tsx";
import { StatPanel } from "./StatPanel.tsx";
import { TablePanel } from "./TablePanel.tsx";
import { TextPanel } from "./TextPanel.tsx";
import { TimeSeriesPanel } from "./TimeSeriesPanel.tsx";

export interface PanelBodyProps {
  readonly panel: Panel;
  readonly state: PanelState;
  readonly scope: VariableScope;
  readonly range: TimeRange;
  readonly nowMs: number;
  readonly zone: TimeZone;
  readonly syncKey: string;
  readonly onZoom: (range: TimeRange) => void;
}

/** What a panel shows below its title: a state in words, or its picture. */
export function PanelBody(props: PanelBodyProps) {
  const { panel, state, scope } = props;
  const { view } = panel;
  if (view.kind === "text") return <TextPanel mode={view.mode} content={interpolateText(view.content, scope)} />;
  if (view.kind === "unsupported")
    return (
      <Message title={`Panels of kind “${view.type}” are not drawn yet`}>
        {panel.lacks.length > 1
          ? `Also asked for: ${panel.lacks.slice(1).join(", ")}`
          : "Its queries are under Inspect."}
      </Message>
    );
  if (state.data === undefined)
    return state.error === null ? (
      <div className={classes.skeleton} role="status" aria-label="Loading" />
    ) : (
      <div className={classes.problem}>
        <Problem diagnostic={diagnosticOf(state.error)} onRetry={state.reload} />
      </div>
    );
  const { frames } = state.data;
  if (isEmpty(frames)) return <NoData panel={panel} asked={state.queries.length > 0} />;
  return <Picture {...props} frames={frames} />;
}

function Picture(props: PanelBodyProps & { readonly frames: readonly DisplayFrame[] }) {
  const { panel, frames, nowMs, zone, range } = props;
  const { view } = panel;
  switch (view.kind) {
    case "timeseries":
      return <TimeSeriesPanel {...props} legend={view.legend} />;
    case "stat":
      return <StatPanel settings={view.stat} frames={frames} nowMs={nowMs} />;
    case "gauge":
      return <GaugePanel reduce={view.reduce} frames={frames} nowMs={nowMs} />;
    case "bargauge":
      return <BarGaugePanel reduce={view.reduce} frames={frames} nowMs={nowMs} />;
    case "table":
      return <TablePanel settings={view.table} frames={frames} nowMs={nowMs} zone={zone} />;
    case "statetimeline":
      return (
        <StateTimelinePanel mergeEqual={view.mergeEqual} showValues={view.showValues} {...{ frames, range, zone }} />
      );
    case "piechart":
      return <PieChartPanel reduce={view.reduce} donut={view.donut} frames={frames} nowMs={nowMs} />;
    case "text":
    case "unsupported":
      return null;
  }
}

function NoData({ panel, asked }: { readonly panel: Panel; readonly asked: boolean }) {
  const { noValue } = panel.fieldConfig.defaults;
  if (!asked) return <Message title="No query">This panel asks nothing that we can answer.</Message>;
  if (noValue !== undefined && noValue !== "" && noValue !== "–") return <Message title={noValue} calm />;
  return <Message title="No data">The query found no series in this time range.</Message>;
}

interface MessageProps {
  readonly title: string;
  readonly calm?: boolean;
  readonly children?: React.ReactNode;
}

function Message({ title, calm = false, children }: MessageProps) {
  return (
    <div className={classes.message} data-calm={calm || undefined}>
      <div className={classes.messageTitle}>{title}</div>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

function isEmpty(frames: readonly DisplayFrame[]): boolean {
  return frames.every((frame) => rowCount(frame) === 0);
}
