import { useQuery } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatRelative } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { Labels } from "../../shared/Labels.tsx";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { InboxAlert, InboxMessage } from "../alerts-api.ts";
import { Severity } from "../Severity.tsx";

/** The notifications that arrived, newest first: what a person would have been told. */
export function InboxPage() {
  usePageTitle("Inbox");
  const inbox = useQuery({
    queryKey: ["inbox"],
    queryFn: ({ signal }) =>
      requestJson<{ readonly messages: readonly InboxMessage[] }>("/api/tatou/v1/inbox?since=0", { signal }),
    refetchInterval: 3000,
  });
  const messages = inbox.data?.messages.toReversed() ?? [];
  return (
    <>
      <PageHeader
        title="Inbox"
        subtitle="A receiver that needs no account anywhere: every notification sent to it, newest first"
      />
      {inbox.isPending && <TableSkeleton />}
      {inbox.isError && <FetchProblem query={inbox} />}
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
    <article className={classes.card} aria-label={message.title}>
      <div className={classes.cardHead}>
        <span className={classes.messageState} data-status={message.status}>
          {message.status}
        </span>
        <strong className={classes.strong}>{message.title}</strong>
        <span className={`${classes.muted} ${classes.right}`}>
          to {message.receiver}, {formatDateTime(receivedMs)} ({formatRelative(receivedMs, browserClock.nowMs())})
        </span>
      </div>
      {message.alerts.map((alert) => (
        <MessageAlert key={JSON.stringify(alert.labels)} alert={alert} />
      ))}
    </article>
  );
}

function MessageAlert({ alert }: { readonly alert: InboxAlert }) {
  const { status, labels, annotations } = alert;
  const [word, timeMs] =
    status === "resolved" ? ["resolved", Date.parse(alert.endsAt)] : ["firing since", Date.parse(alert.startsAt)];
  return (
    <div className={classes.entry}>
      <div className={classes.entryHead}>
        <Severity severity={labels["severity"]} />
        {labels["alertname"]}
        {timeMs > 0 && (
          <span className={classes.muted}>
            {word} {formatDateTime(timeMs)}
          </span>
        )}
      </div>
      <div>{annotations["description"] ?? annotations["summary"]}</div>
      <Labels labels={labels} without={["alertname", "severity"]} />
    </div>
  );
}
