import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { requestJson } from "../../shared/http/api-client.ts";
import { Labels } from "../../shared/Labels.tsx";
import { changeSearch, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { AlertGroup } from "../alerts-api.ts";
import { EngineNotice } from "../status/EngineNotice.tsx";
import { useOwnStatus } from "../status/use-own-status.ts";
import { AlertEntry } from "./AlertEntry.tsx";
import { countAlerts, visibleGroups } from "./visible-groups.ts";

const refetchEveryMs = 5000;

/** What is firing, in the groups in which people are told of it. */
export function GroupsPage() {
  usePageTitle("Alerts");
  const withSuppressed = usePageLocation().search.get("suppressed") === "1";
  const groups = useQuery({
    queryKey: ["groups"],
    queryFn: ({ signal }) => requestJson<readonly AlertGroup[]>("/api/v2/alerts/groups", { signal }),
    refetchInterval: refetchEveryMs,
  });
  const shown = visibleGroups(groups.data ?? [], withSuppressed);
  return (
    <>
      <PageHeader title="Alerts" subtitle={groups.data && countText(groups.data)}>
        <Switch
          label="Show silenced and inhibited"
          checked={withSuppressed}
          onChange={(event) =>
            changeSearch({ suppressed: event.currentTarget.checked ? "1" : null }, { replace: true })
          }
        />
      </PageHeader>
      <EngineNotice />
      {groups.isPending && <TableSkeleton />}
      {groups.isError && <FetchProblem query={groups} />}
      {groups.isSuccess && shown.length === 0 && <NothingFires />}
      {shown.map((group) => (
        <GroupCard key={`${group.receiver.name} ${JSON.stringify(group.labels)}`} group={group} />
      ))}
    </>
  );
}

function countText(groups: readonly AlertGroup[]): string {
  const { active, suppressed } = countAlerts(groups);
  return suppressed === 0 ? `${active} firing` : `${active} firing, and ${suppressed} silenced or inhibited`;
}

/** An empty list is good news only while the engine is heard. */
function NothingFires() {
  const engine = useOwnStatus().data?.engine ?? null;
  if (engine === null || engine.state === "watching")
    return <Hint title="Nothing is firing">Alerts that the engine sends appear here, grouped as the routes say.</Hint>;
  return (
    <Hint title="Nothing is known to fire">
      {engine.state === "starting"
        ? "The engine has not been heard of yet: its first alert is waited for."
        : "What the engine has not sent cannot stand here."}
    </Hint>
  );
}

function GroupCard({ group }: { readonly group: AlertGroup }) {
  const groupLabels = Object.keys(group.labels);
  return (
    <section className={classes.card} aria-label={`Group for ${group.receiver.name}`}>
      <div className={classes.cardHead}>
        {groupLabels.length > 0 ? <Labels labels={group.labels} /> : <span>Not grouped</span>}
        <span className={`${classes.muted} ${classes.right}`}>told to {group.receiver.name}</span>
      </div>
      {group.alerts.map((alert) => (
        <AlertEntry key={alert.fingerprint} alert={alert} groupLabels={groupLabels} />
      ))}
    </section>
  );
}
