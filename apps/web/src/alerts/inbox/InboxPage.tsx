import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatRelative } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Labels } from "../../shared/Labels.tsx";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { InboxMessage } from "../alerts-api.ts";

/** The notifications that arrived, newest first: what a person would have been told. */
export function InboxPage() {
  usePageTitle("Inbox");
  const inbox = useQuery({
    queryKey: ["inbox"],
    queryFn: ({ signal }) =>
      requestJson<{ readonly messages: readonly InboxMessage[] }>("/api/tatou/v1/inbox?since=0", { signal }),
    refetchInterval: 3000,
  });
  const messages = [...(inbox.data?.messages ?? [])].reverse();
  return (
    <>
      <PageHeader
        title="Inbox"
        subtitle="A receiver that needs no account anywhere: every notification sent to it, newest first"
      />
      {inbox.isPending && <TableSkeleton />}
      {inbox.isError && <Problem diagnostic={diagnosticOf(inbox.error)} onRetry={() => void inbox.refetch()} />}
      {inbox.isSuccess && messages.length === 0 && (
        <Hint title="No notification yet">
          Run <code>./tatou drill brute-force</code>: within two minutes one arrives here.
        </Hint>
      )}
      {messages.map((message) => (
        <Message key={message.seq} message={message} />
      ))}
    </>
  );
}

function Message({ message }: { readonly message: InboxMessage }) {
  const receivedMs = Date.parse(message.receivedAt);
  return (
    <article className={classes.card}>
      <div className={classes.cardHead}>
        <span className={classes.severity} data-severity={message.status === "firing" ? "critical" : "resolved"}>
          {message.status}
        </span>
        <strong className={classes.strong}>{message.title}</strong>
        <span className={`${classes.muted} ${classes.right}`} title={formatDateTime(receivedMs)}>
          {formatRelative(receivedMs, browserClock.nowMs())}, to {message.receiver}
        </span>
      </div>
      {message.alerts.map((alert) => (
        <div key={JSON.stringify(alert.labels)} className={classes.entry}>
          <Labels labels={alert.labels} />
          <div className={classes.muted}>{alert.annotations["description"] ?? alert.annotations["summary"]}</div>
        </div>
      ))}
    </article>
  );
}
