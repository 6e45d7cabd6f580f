import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatElapsed, formatRelative } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { OwnStatus } from "../alerts-api.ts";
import { EngineNotice } from "./EngineNotice.tsx";
import { NotificationTest } from "./NotificationTest.tsx";
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
  return (
    <>
      <PageHeader title="Status" />
      <EngineNotice />
      {own.isPending && <TableSkeleton />}
      {own.isError && <FetchProblem query={own} />}
      {own.data !== undefined && <Facts status={own.data} />}
      {own.data !== undefined && <NotificationTest />}
      {upstream.isSuccess && (
        // In the order of the keyboard, because it scrolls.
        <section className={classes.source} aria-label="Configuration in force" tabIndex={0}>
          <pre>{upstream.data.config.original}</pre>
        </section>
      )}
      {upstream.isError && <Problem diagnostic={diagnosticOf(upstream.error)} />}
    </>
  );
}

function Facts({ status }: { readonly status: OwnStatus }) {
  const { configuration } = status;
  const facts = [
    ["Version", status.version],
    ["Started", momentText(status.startedAt)],
    ["Alerts", alertsText(status.alerts)],
    ["Engine", engineText(status.engine)],
    ["Last Watchdog", momentText(status.engine?.lastWatchdogAt ?? null)],
    ["Outside heartbeat", heartbeatText(status.heartbeat)],
    ["Configuration", `${configuration.file}, read ${momentText(configuration.loadedAt)}`],
  ];
  return (
    <>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
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
    </>
  );
}

function alertsText({ active, suppressed, held }: OwnStatus["alerts"]): string {
  const text = `${active} firing, the Watchdog included; ${suppressed} silenced or inhibited`;
  return held === 0 ? text : `${text}; ${held} held because the engine is silent`;
}

function engineText(engine: OwnStatus["engine"]): string {
  if (engine === null) return "not watched";
  const absence = formatElapsed(engine.silentAfterSeconds * 1000);
  const address = engine.url === null ? "" : ` at ${engine.url}`;
  return `${engine.state}${address}; counts as silent after ${absence} without its Watchdog`;
}

function heartbeatText(heartbeat: OwnStatus["heartbeat"]): string {
  if (heartbeat === null) return "none: nobody outside notices when this program dies";
  const success = `last taken ${momentText(heartbeat.lastSuccessAt)}`;
  return heartbeat.lastError === null ? success : `${success}; ${heartbeat.lastError}`;
}

function momentText(at: string | null): string {
  if (at === null) return "not yet";
  const timeMs = Date.parse(at);
  return `${formatDateTime(timeMs)} (${formatRelative(timeMs, browserClock.nowMs())})`;
}
