import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import classes from "../alerts.module.css";
import { type TestDelivery, type TestedRoute, testNotifications } from "./notification-test.ts";

/** Tells every receiver once that this is a test, and shows what each of them answered. */
export function NotificationTest() {
  const run = useMutation({ mutationFn: testNotifications });
  return (
    <section className={classes.notice} aria-label="Test of notifications">
      <div className={classes.entryHead}>
        <Button size="xs" variant="default" loading={run.isPending} onClick={() => run.mutate()}>
          Send a test
        </Button>
        <span className={classes.muted}>Sends every receiver one message, marked [TEST]</span>
      </div>
      <div role="status">
        {run.isSuccess && (
          <div className={classes.testResult}>
            <strong className={classes.strong}>{verdictText(run.data.routes)}</strong>
            {run.data.routes.map((route) => (
              <Receiver key={route.receiver} route={route} />
            ))}
          </div>
        )}
      </div>
      {run.isError && <Problem diagnostic={diagnosticOf(run.error)} />}
    </section>
  );
}

function verdictText(routes: readonly TestedRoute[]): string {
  const deliveries = routes.flatMap((route) => route.deliveries);
  if (deliveries.length === 0) return "Nobody was told: no receiver has integrations";
  const deliveredCount = deliveries.filter(({ isDelivered }) => isDelivered).length;
  return `${deliveredCount} of ${deliveries.length} test messages delivered`;
}

function Receiver({ route }: { readonly route: TestedRoute }) {
  const { receiver, path, notes, deliveries } = route;
  return (
    <article className={classes.card} aria-label={receiver}>
      <div className={classes.cardHead}>
        <strong className={classes.strong}>{receiver}</strong>
        {path.length > 0 && <code className={classes.code}>{path.join(" > ")}</code>}
      </div>
      <div className={classes.entry}>
        {deliveries.map((delivery) => (
          <Delivery key={`${delivery.integration}/${delivery.index}`} delivery={delivery} />
        ))}
        {notes.map((note) => (
          <div key={note} className={classes.muted}>
            {note}
          </div>
        ))}
      </div>
    </article>
  );
}

function Delivery({ delivery }: { readonly delivery: TestDelivery }) {
  const { integration, index, isDelivered, reason, status, body, answer, durationMs } = delivery;
  return (
    <>
      <div className={classes.entryHead}>
        <span className={classes.messageState} data-status={isDelivered ? "resolved" : "firing"}>
          {isDelivered ? "delivered" : "failed"}
        </span>
        <span>
          {integration}/{index}: {isDelivered ? `answered ${status ?? "nothing"}` : reason} in {durationMs} ms
        </span>
      </div>
      {body !== "" && <code className={classes.code}>{body}</code>}
      {answer !== "" && <code className={classes.code}>{answer}</code>}
    </>
  );
}
