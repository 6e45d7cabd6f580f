import { SegmentedControl, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatElapsed, formatRelative } from "../../shared/format/time.ts";
import { requestPrometheus } from "../../shared/http/api-client.ts";
import { Labels } from "../../shared/Labels.tsx";
import { changeSearch, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../engine.module.css";
import type { ActiveTarget, TargetsData } from "../engine-api.ts";
import { StateMark } from "../StateMark.tsx";
import { groupByPool, type TargetPool } from "./group-by-pool.ts";
import { explainScrapeError } from "./scrape-error.ts";

const refetchEveryMs = 5000;

/** What is scraped, pool by pool, with the reason where a scrape fails. */
export function TargetsPage() {
  usePageTitle("Targets");
  const onlyUnhealthy = usePageLocation().search.get("health") === "unhealthy";
  const targets = useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => requestPrometheus<TargetsData>("/api/v1/targets", { signal }),
    refetchInterval: refetchEveryMs,
  });
  const all = targets.data?.activeTargets ?? [];
  const shown = onlyUnhealthy ? all.filter((target) => target.health !== "up") : all;
  return (
    <>
      <PageHeader title="Targets" subtitle={targets.data && countText(targets.data)}>
        <SegmentedControl
          size="xs"
          aria-label="Which targets"
          value={onlyUnhealthy ? "unhealthy" : "all"}
          onChange={(value) => changeSearch({ health: value === "all" ? null : value }, { replace: true })}
          data={[
            { value: "all", label: "All" },
            { value: "unhealthy", label: "Unhealthy" },
          ]}
        />
      </PageHeader>
      {targets.isPending && <TableSkeleton />}
      {targets.isError && <FetchProblem query={targets} />}
      {targets.isSuccess && shown.length === 0 && (
        <Hint title={onlyUnhealthy ? "Every target is up" : "Nothing is scraped"}>
          {onlyUnhealthy ? undefined : "Add a job to scrape_configs in prometheus.yml and reload."}
        </Hint>
      )}
      {groupByPool(shown).map((pool) => (
        <PoolTable key={pool.name} pool={pool} />
      ))}
    </>
  );
}

function countText({ activeTargets, droppedTargets }: TargetsData): string {
  const upCount = activeTargets.filter((target) => target.health === "up").length;
  const dropped = droppedTargets.length > 0 ? `, ${droppedTargets.length} dropped by relabelling` : "";
  return `${upCount} of ${activeTargets.length} up${dropped}`;
}

function PoolTable({ pool }: { readonly pool: TargetPool }) {
  return (
    <section className={classes.group} aria-label={`Scrape pool ${pool.name}`}>
      <div className={classes.groupHead}>
        <h2 className={classes.groupName}>{pool.name}</h2>
        <span className={classes.muted}>
          {pool.upCount} of {pool.targets.length} up
        </span>
      </div>
      <div className={classes.scroll}>
        <Table className={classes.targetTable} aria-label={`Targets of ${pool.name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Endpoint</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Labels</Table.Th>
              <Table.Th>Last scrape</Table.Th>
              <Table.Th>Took</Table.Th>
              <Table.Th>Every</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pool.targets.map((target) => (
              <TargetRow key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`} target={target} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function TargetRow({ target }: { readonly target: ActiveTarget }) {
  const lastScrapeMs = Date.parse(target.lastScrape);
  const wasScraped = lastScrapeMs > 0;
  const explanation = explainScrapeError(target);
  return (
    <Table.Tr data-health={target.health}>
      <Table.Td>
        <span className={classes.mono}>{target.scrapeUrl}</span>
        {target.lastError !== "" && <div className={classes.error}>{target.lastError}</div>}
        {explanation !== null && <div className={classes.muted}>{explanation}</div>}
      </Table.Td>
      <Table.Td>
        <StateMark state={target.health} />
      </Table.Td>
      <Table.Td>
        <Labels labels={target.labels} />
      </Table.Td>
      <Table.Td className={classes.nowrap} data-name="Scraped">
        {wasScraped ? formatRelative(lastScrapeMs, browserClock.nowMs()) : "not yet"}
      </Table.Td>
      <Table.Td className={classes.nowrap} data-name="took">
        {wasScraped ? formatElapsed(target.lastScrapeDuration * 1000) : ""}
      </Table.Td>
      <Table.Td className={classes.nowrap} data-name="every">
        {target.scrapeInterval}
      </Table.Td>
    </Table.Tr>
  );
}
