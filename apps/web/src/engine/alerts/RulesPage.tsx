import { SegmentedControl, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatElapsed, formatRelative } from "../../shared/format/time.ts";
import { requestPrometheus } from "../../shared/http/api-client.ts";
import { Labels } from "../../shared/Labels.tsx";
import { changeSearch, followLink, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../engine.module.css";
import type { Rule, RuleGroup } from "../engine-api.ts";
import { StateMark } from "../StateMark.tsx";
import { alertCounts, groupsInState, isWatchdog } from "./rule-states.ts";

const refetchEveryMs = 5000;
const states = { all: "All", firing: "Firing", pending: "Pending", inactive: "Inactive" } as const;
type State = keyof typeof states;

/** Alert rules with what they say now; recording rules on a page of their own address. */
export function RulesPage({ kind }: { readonly kind: "alerting" | "recording" }) {
  const title = kind === "alerting" ? "Alerts" : "Recording rules";
  usePageTitle(title);
  const wanted = usePageLocation().search.get("state") ?? "all";
  const rules = useQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => requestPrometheus<{ readonly groups: readonly RuleGroup[] }>("/api/v1/rules", { signal }),
    refetchInterval: refetchEveryMs,
  });
  const groups = groupsInState(rules.data?.groups ?? [], kind, wanted);
  const counts = alertCounts(rules.data?.groups ?? []);
  return (
    <>
      <PageHeader
        title={title}
        subtitle={
          kind === "recording"
            ? "Series that the engine computes from others, group by group"
            : rules.data && `${counts.firing} firing, ${counts.pending} pending, ${counts.inactive} quiet`
        }
      >
        {kind === "alerting" && (
          <SegmentedControl
            size="xs"
            aria-label="Which alerts"
            value={wanted}
            onChange={(value) => changeSearch({ state: value === "all" ? null : value }, { replace: true })}
            data={Object.entries(states).map(([value, name]) => ({
              value,
              label: `${name} ${counts[value as State]}`,
            }))}
          />
        )}
      </PageHeader>
      {rules.isPending && <TableSkeleton />}
      {rules.isError && <FetchProblem query={rules} />}
      {rules.isSuccess && groups.length === 0 && (
        <Hint title={wanted === "all" ? "No rules are loaded" : `No alert is ${wanted}`}>
          {wanted === "all" ? "Name rule files under rule_files in prometheus.yml and reload." : undefined}
        </Hint>
      )}
      {groups.map((group) => (
        <section key={`${group.file} ${group.name}`} className={classes.group} aria-label={`Rule group ${group.name}`}>
          <div className={classes.groupHead}>
            <h2 className={classes.groupName}>{group.name}</h2>
            <span className={classes.muted}>every {group.interval} s</span>
            <span className={`${classes.muted} ${classes.right}`}>{group.file}</span>
          </div>
          {group.rules.map((rule) => (
            <RuleEntry key={`${rule.name} ${rule.query}`} rule={rule} />
          ))}
        </section>
      ))}
    </>
  );
}

function RuleEntry({ rule }: { readonly rule: Rule }) {
  const evaluatedMs = Date.parse(rule.lastEvaluation);
  const state = shownState(rule);
  return (
    <div className={classes.rule} data-state={state}>
      <div className={classes.ruleHead}>
        <StateMark state={state} />
        <span className={classes.ruleName}>{rule.name}</span>
        <Labels labels={rule.labels ?? {}} />
        {rule.duration !== undefined && rule.duration > 0 && (
          <span className={classes.muted}>for {formatElapsed(rule.duration * 1000)}</span>
        )}
        <span className={`${classes.muted} ${classes.right}`}>
          {evaluatedMs > 0
            ? `evaluated ${formatRelative(evaluatedMs, browserClock.nowMs())} in ${(rule.evaluationTime * 1000).toFixed(1)} ms`
            : "not evaluated yet"}
        </span>
      </div>
      <a className={classes.ruleQuery} href={queryAddress(rule.query)} onClick={followLink}>
        {rule.query}
      </a>
      {rule.annotations?.["summary"] !== undefined && (
        <div className={classes.muted}>{rule.annotations["summary"]}</div>
      )}
      {rule.lastError !== undefined && rule.lastError !== "" && <div className={classes.error}>{rule.lastError}</div>}
      {rule.alerts !== undefined && rule.alerts.length > 0 && !isWatchdog(rule) && <AlertTable rule={rule} />}
    </div>
  );
}

/** The word for what a rule does now; the Watchdog that fires does what it should. */
function shownState(rule: Rule) {
  if (rule.health === "err") return "err";
  if (isWatchdog(rule)) return rule.state === "firing" ? "ok" : "missing";
  return rule.state ?? rule.health;
}

function AlertTable({ rule }: { readonly rule: Rule }) {
  // The labels that the rule itself adds stand beside its name.
  const ownLabels = ["alertname", ...Object.keys(rule.labels ?? {})];
  return (
    <div className={classes.scroll}>
      <Table className={classes.alertTable} aria-label={`Alerts of ${rule.name}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>State</Table.Th>
            <Table.Th>Labels</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th className={classes.number}>Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rule.alerts?.map((alert) => (
            <Table.Tr key={JSON.stringify(alert.labels)}>
              <Table.Td>
                <StateMark state={alert.state} />
              </Table.Td>
              <Table.Td>
                <Labels labels={alert.labels} without={ownLabels} />
                <div className={classes.muted}>{alert.annotations["description"] ?? alert.annotations["summary"]}</div>
              </Table.Td>
              <Table.Td className={classes.nowrap} data-name="since">
                {formatDateTime(Date.parse(alert.activeAt))}
                <div className={classes.muted}>{formatRelative(Date.parse(alert.activeAt), browserClock.nowMs())}</div>
              </Table.Td>
              <Table.Td className={classes.number} data-name="value">
                {shortNumber(alert.value)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function queryAddress(query: string): string {
  return `/query?${new URLSearchParams({ "g0.expr": query, "g0.tab": "1" }).toString()}`;
}

/** Six digits are enough to read; the exact value is one click away in the query. */
function shortNumber(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : text;
}
