import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatRelative } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Labels } from "../../shared/Labels.tsx";
import { changeSearch, navigate, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { Alert, AlertGroup } from "../alerts-api.ts";
import { EngineNotice } from "../status/EngineNotice.tsx";

const refetchEveryMs = 5000;

/** What is firing, in the groups in which people are told of it. */
export function GroupsPage() {
  usePageTitle("Alerts");
  const { search } = usePageLocation();
  const withSuppressed = search.get("suppressed") === "1";
  const groups = useQuery({
    queryKey: ["groups", withSuppressed],
    queryFn: ({ signal }) =>
      requestJson<readonly AlertGroup[]>(
        `/api/v2/alerts/groups?silenced=${withSuppressed}&inhibited=${withSuppressed}`,
        { signal },
      ),
    refetchInterval: refetchEveryMs,
  });
  // The Watchdog always fires: it says that the engine lives, and stands in the notice above.
  const shown = (groups.data ?? [])
    .map((group) => ({ ...group, alerts: group.alerts.filter((alert) => alert.labels["alertname"] !== "Watchdog") }))
    .filter((group) => group.alerts.length > 0);
  return (
    <>
      <PageHeader
        title="Alerts"
        subtitle={groups.isSuccess ? `${shown.flatMap((group) => group.alerts).length} firing` : undefined}
      >
        <Switch
          label="Silenced and inhibited"
          checked={withSuppressed}
          onChange={(event) =>
            changeSearch({ suppressed: event.currentTarget.checked ? "1" : null }, { replace: true })
          }
        />
      </PageHeader>
      <EngineNotice />
      {groups.isPending && <TableSkeleton />}
      {groups.isError && <Problem diagnostic={diagnosticOf(groups.error)} onRetry={() => void groups.refetch()} />}
      {groups.isSuccess && shown.length === 0 && (
        <Hint title="Nothing is firing">Alerts that the engine sends appear here, grouped as the routes say.</Hint>
      )}
      {shown.map((group) => (
        <section key={`${group.receiver.name} ${JSON.stringify(group.labels)}`} className={classes.card}>
          <div className={classes.cardHead}>
            {Object.keys(group.labels).length > 0 ? <Labels labels={group.labels} /> : <span>Not grouped</span>}
            <span className={`${classes.muted} ${classes.right}`}>to {group.receiver.name}</span>
          </div>
          {group.alerts.map((alert) => (
            <AlertEntry key={alert.fingerprint} alert={alert} />
          ))}
        </section>
      ))}
    </>
  );
}

function AlertEntry({ alert }: { readonly alert: Alert }) {
  const { labels, annotations, status } = alert;
  const startedMs = Date.parse(alert.startsAt);
  return (
    <article className={classes.entry}>
      <div className={classes.entryHead}>
        <span className={classes.severity} data-severity={labels["severity"] ?? "none"}>
          {labels["severity"] ?? "no severity"}
        </span>
        <strong className={classes.strong}>{labels["alertname"]}</strong>
        <span className={classes.muted} title={formatDateTime(startedMs)}>
          since {formatRelative(startedMs, browserClock.nowMs())}
        </span>
        {status.state === "suppressed" && (
          <span className={classes.muted}>{status.silencedBy.length > 0 ? "silenced" : "inhibited"}</span>
        )}
        <span className={classes.right}>
          {alert.generatorURL !== undefined && alert.generatorURL !== "" && (
            <Button component="a" variant="subtle" size="compact-xs" href={alert.generatorURL} rel="noreferrer">
              Source
            </Button>
          )}
          <Button variant="subtle" size="compact-xs" onClick={() => navigate(newSilenceAddress(labels))}>
            Silence
          </Button>
        </span>
      </div>
      {annotations["summary"] !== undefined && <div>{annotations["summary"]}</div>}
      {annotations["description"] !== undefined && <div className={classes.muted}>{annotations["description"]}</div>}
      <Labels labels={labels} without={["alertname", "severity"]} />
      {annotations["runbook_url"] !== undefined && (
        <div className={classes.muted}>Runbook: {annotations["runbook_url"]}</div>
      )}
    </article>
  );
}

function newSilenceAddress(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) => ["m", `${name}=${JSON.stringify(value)}`]);
  return `/silences/new?${new URLSearchParams(matchers).toString()}`;
}
