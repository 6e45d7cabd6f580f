import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { CheckedAlertAnswer, CheckFindingAnswer, CheckReportFile } from "@tatou/api";
import { browserClock } from "../../shared/clock.ts";
import { formatElapsed, formatRelative } from "../../shared/format/time.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import engineClasses from "../engine.module.css";
import classes from "./check.module.css";
import { loadCheckReport, type Severity, scaleSeconds, severities, summaryOf } from "./check-report.ts";
import { DetectionBar } from "./DetectionBar.tsx";

const refetchEveryMs = 10_000;
/** After a start, the first report is seconds away. */
const awaitEveryMs = 2_000;

/** What a check of rules, routes and code found, and how long each alert takes. */
export function CheckPage() {
  usePageTitle("Check");
  const report = useQuery({
    queryKey: ["check"],
    queryFn: ({ signal }) => loadCheckReport(signal),
    refetchInterval: ({ state }) => (state.data === null ? awaitEveryMs : refetchEveryMs),
  });
  return (
    <>
      <PageHeader title="Check" subtitle={report.data && subtitleOf(report.data)} />
      {report.isPending && <TableSkeleton />}
      {report.isError && <FetchProblem query={report} />}
      {report.data === null && (
        <Hint title="Nothing has been checked yet">
          <code>tatou up</code> checks at every start. To check now, run <code>./tatou check .</code> in the project;
          with <code>--report FILE</code> it writes what an engine with <code>--check.report=FILE</code> shows here.
        </Hint>
      )}
      {report.data && <Report report={report.data} />}
    </>
  );
}

function subtitleOf(report: CheckReportFile): string {
  return `${summaryOf(report)} · checked ${formatRelative(Date.parse(report.checkedAt), browserClock.nowMs())}`;
}

function Report({ report }: { readonly report: CheckReportFile }) {
  return (
    <>
      {severities.map((severity) => (
        <Findings
          key={severity}
          severity={severity}
          findings={report.findings.filter((one) => one.severity === severity)}
        />
      ))}
      <Times alerts={report.alerts} />
    </>
  );
}

const titles: Readonly<Record<Severity, string>> = { error: "Errors", warning: "Warnings", info: "Worth knowing" };

/** What breaks nothing stays folded. */
function Findings({
  severity,
  findings,
}: {
  readonly severity: Severity;
  readonly findings: readonly CheckFindingAnswer[];
}) {
  if (findings.length === 0) return null;
  const list = (
    <ul className={classes.findings}>
      {findings.map((finding) => (
        <li key={`${finding.file}:${finding.line}:${finding.column} ${finding.message}`} className={classes.finding}>
          <div>{finding.message}</div>
          <div className={classes.hint}>{finding.hint}</div>
          <div className={classes.place}>
            <span>
              {finding.file}:{finding.line}:{finding.column}
            </span>
            <span>{finding.title}</span>
          </div>
        </li>
      ))}
    </ul>
  );
  const head = `${titles[severity]} (${findings.length})`;
  return (
    <section className={engineClasses.group} data-severity={severity} aria-label={titles[severity]}>
      {severity === "info" ? (
        <details>
          <summary className={classes.summary}>{head}</summary>
          {list}
        </details>
      ) : (
        <>
          <div className={`${engineClasses.groupHead} ${classes.head}`} data-severity={severity}>
            <h2 className={engineClasses.groupName}>{head}</h2>
          </div>
          {list}
        </>
      )}
    </section>
  );
}

const partNames = ["ramp", "scrape", "evaluation", "for", "group_wait", "delivery"];

function Times({ alerts }: { readonly alerts: readonly CheckedAlertAnswer[] }) {
  if (alerts.length === 0) return null;
  const widthSeconds = scaleSeconds(alerts);
  return (
    <section className={engineClasses.group} aria-label="Time to detect">
      <div className={engineClasses.groupHead}>
        <h2 className={engineClasses.groupName}>Time to detect</h2>
        <span className={engineClasses.muted}>
          from the first request of an attack until somebody is told, at worst
        </span>
        <span className={classes.legend}>
          {partNames.map((name) => (
            <span key={name} className={classes.legendPart} data-part={name}>
              {name.replace("_", " ")}
            </span>
          ))}
          <span className={classes.legendBudget}>budget</span>
        </span>
      </div>
      <div className={engineClasses.scroll}>
        <Table className={classes.times} aria-label="Time to detect of every alert">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Alert</Table.Th>
              <Table.Th>Time</Table.Th>
              <Table.Th className={classes.numberHead}>Total</Table.Th>
              <Table.Th className={classes.numberHead}>Budget</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {alerts.map((alert) => (
              <TimeRow key={`${alert.file}:${alert.line}`} alert={alert} widthSeconds={widthSeconds} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function TimeRow({ alert, widthSeconds }: { readonly alert: CheckedAlertAnswer; readonly widthSeconds: number }) {
  const { name, dead, unheard, totalSeconds, budgetSeconds } = alert;
  const isLate = budgetSeconds !== null && totalSeconds > budgetSeconds;
  return (
    <Table.Tr data-dead={dead !== null || unheard !== null || undefined}>
      <Table.Td className={classes.name}>
        {name}
        {dead !== null && <div className={engineClasses.error}>cannot fire: {dead}</div>}
        {dead === null && unheard !== null && <div className={engineClasses.error}>reaches nobody</div>}
      </Table.Td>
      <Table.Td className={classes.barCell}>
        <DetectionBar alert={alert} widthSeconds={widthSeconds} />
      </Table.Td>
      <Table.Td className={classes.number} data-late={isLate || undefined}>
        {formatElapsed(totalSeconds * 1000)}
        {isLate && " (late)"}
      </Table.Td>
      <Table.Td className={classes.number}>
        {budgetSeconds === null ? "none" : formatElapsed(budgetSeconds * 1000)}
      </Table.Td>
    </Table.Tr>
  );
}
