import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatRelative } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import { EngineNotice } from "./EngineNotice.tsx";
import { useOwnStatus } from "./use-own-status.ts";

/** Which file is in force, and how the watched engine is. */
export function StatusPage() {
  usePageTitle("Status");
  const own = useOwnStatus();
  const upstream = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) =>
      requestJson<{ readonly config: { readonly original: string } }>("/api/v2/status", { signal }),
  });
  if (own.isPending) return <TableSkeleton />;
  if (own.isError) return <Problem diagnostic={diagnosticOf(own.error)} onRetry={() => void own.refetch()} />;
  const { engine, configuration, version, startedAt } = own.data;
  const rows = [
    ["Version", version],
    ["Started", formatDateTime(Date.parse(startedAt))],
    ["Configuration", `${configuration.file}, read ${formatDateTime(Date.parse(configuration.loadedAt))}`],
    ["Engine", engine === null ? "not watched" : `${engine.state}${engine.url === null ? "" : ` at ${engine.url}`}`],
    ["Last Watchdog", lastWatchdog(engine?.lastWatchdogAt ?? null)],
  ];
  return (
    <>
      <PageHeader title="Status" />
      <EngineNotice />
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {configuration.warnings.map((warning) => (
        <p key={warning} className={classes.muted}>
          {warning}
        </p>
      ))}
      {upstream.isSuccess && <pre className={classes.source}>{upstream.data.config.original}</pre>}
      {upstream.isError && <Problem diagnostic={diagnosticOf(upstream.error)} />}
    </>
  );
}

function lastWatchdog(at: string | null): string {
  return at === null ? "none yet" : formatRelative(Date.parse(at), browserClock.nowMs());
}
