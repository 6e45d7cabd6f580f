import { useQuery } from "@tanstack/react-query";
import { type Dashboard, readDashboard, resolveTimeRange } from "@tatou/dashboard-model";
import { lazy, Suspense, useMemo } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { changeSearch, usePageLocation } from "../../shared/location.ts";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { type DataSource, getDashboard, getDataSources } from "../api/dashboards-api.ts";
import { DashboardToolbar } from "./DashboardToolbar.tsx";
import classes from "./dashboard.module.css";
import { readAddress } from "./dashboard-address.ts";
import { PanelGridSkeleton } from "./PanelGridSkeleton.tsx";
import { PanelRows } from "./PanelRows.tsx";
import { useRefresh } from "./use-refresh.ts";
import { scopeOf, useVariables } from "./use-variables.ts";

// Selection lists are heavy, and many dashboards have no variables.
const VariableBar = lazy(async () => ({ default: (await import("./VariableBar.tsx")).VariableBar }));

/** A dashboard by its uid: range, refresh and variables are in the address. */
export function DashboardPage({ uid }: { readonly uid: string }) {
  const answer = useQuery({
    queryKey: ["dashboard", uid],
    queryFn: async ({ signal }) => {
      const { meta, dashboard } = await getDashboard(uid, { signal });
      return { meta, dashboard: readDashboard(dashboard) };
    },
  });
  const dataSources = useQuery({ queryKey: ["datasources"], queryFn: ({ signal }) => getDataSources({ signal }) });
  const failed = answer.error ?? dataSources.error;
  if (answer.data !== undefined && dataSources.data !== undefined)
    return (
      <DashboardView
        dashboard={answer.data.dashboard}
        dataSources={dataSources.data}
        folder={answer.data.meta.folderTitle}
      />
    );
  if (failed !== null)
    return (
      <div className={classes.failed}>
        <Problem
          diagnostic={diagnosticOf(failed)}
          onRetry={() => {
            void answer.refetch();
            void dataSources.refetch();
          }}
        />
      </div>
    );
  return <PanelGridSkeleton />;
}

interface DashboardViewProps {
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  readonly folder: string | undefined;
}

/** Options of variables are asked again when the range has moved by this share of itself. */
const rangeShare = 4;

function DashboardView({ dashboard, dataSources, folder }: DashboardViewProps) {
  usePageTitle(dashboard.title);
  const { search } = usePageLocation();
  const address = useMemo(() => readAddress(search, dashboard), [search, dashboard]);
  const { nowMs, reload } = useRefresh(address.refresh);
  const { from, to } = address.timeRange;
  const range = useMemo(
    () =>
      resolveTimeRange({ from, to }, nowMs, dashboard.zone) ??
      resolveTimeRange(dashboard.timeRange, nowMs, dashboard.zone),
    [from, to, nowMs, dashboard],
  );
  const fallback = useMemo(() => ({ minTimeMs: nowMs - 3_600_000, maxTimeMs: nowMs }), [nowMs]);
  const shownRange = range ?? fallback;
  const lengthMs = shownRange.maxTimeMs - shownRange.minTimeMs;
  const variables = useVariables({
    variables: dashboard.variables,
    asked: address.asked,
    dataSources,
    range: shownRange,
    rangeKey: `${lengthMs}/${Math.floor(shownRange.maxTimeMs / Math.max(1, lengthMs / rangeShare))}`,
  });
  const scope = useMemo(() => scopeOf(variables.data ?? [], shownRange), [variables.data, shownRange]);
  const settled = variables.data !== undefined;
  return (
    <div className={classes.page}>
      <DashboardToolbar
        dashboard={dashboard}
        folder={folder}
        address={address}
        range={shownRange}
        nowMs={nowMs}
        onReload={reload}
      />
      {variables.data !== undefined && variables.data.length > 0 && (
        <Suspense fallback={<div className={classes.variables} />}>
          <VariableBar variables={variables.data} />
        </Suspense>
      )}
      {!settled && <PanelGridSkeleton />}
      {settled && dashboard.rows.length === 0 && <Hint title="This dashboard has no panels" />}
      {settled && (
        <PanelRows
          dashboard={dashboard}
          dataSources={dataSources}
          range={shownRange}
          scope={scope}
          nowMs={nowMs}
          viewPanel={address.viewPanel}
          onZoom={(zoomed) => changeSearch({ from: String(zoomed.minTimeMs), to: String(zoomed.maxTimeMs) })}
        />
      )}
    </div>
  );
}
