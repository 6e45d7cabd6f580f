import { Button } from "@mantine/core";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatElapsed } from "../../shared/format/time.ts";
import { Labels } from "../../shared/Labels.tsx";
import { followLink } from "../../shared/location.ts";
import classes from "../alerts.module.css";
import type { Alert } from "../alerts-api.ts";
import { matcherText } from "../matcher-text.ts";
import { Severity } from "../Severity.tsx";

interface AlertEntryProps {
  readonly alert: Alert;
  /** Names of the labels that all alerts of the group share; they stand at its head. */
  readonly groupLabels: readonly string[];
}

/** One alert: how bad, what, since when, and what can be done about it. */
export function AlertEntry({ alert, groupLabels }: AlertEntryProps) {
  const { labels, annotations, generatorURL = "" } = alert;
  const startedMs = Date.parse(alert.startsAt);
  return (
    <article className={classes.entry} data-suppressed={alert.status.state === "suppressed" || undefined}>
      <div className={classes.entryHead}>
        <Severity severity={labels["severity"]} />
        <strong className={classes.strong}>{labels["alertname"]}</strong>
        <span className={classes.muted}>
          for {formatElapsed(Math.max(0, browserClock.nowMs() - startedMs))}, since {formatDateTime(startedMs)}
        </span>
        <Suppression alert={alert} />
        <span className={classes.right}>
          {isWebAddress(generatorURL) && (
            <Button component="a" variant="default" size="compact-xs" href={generatorURL} rel="noreferrer">
              Open in the engine
            </Button>
          )}
          <Button
            component="a"
            variant="default"
            size="compact-xs"
            href={newSilenceAddress(labels)}
            onClick={followLink}
          >
            Silence
          </Button>
        </span>
      </div>
      {annotations["summary"] !== undefined && <div>{annotations["summary"]}</div>}
      {annotations["description"] !== undefined && <div className={classes.muted}>{annotations["description"]}</div>}
      <Labels labels={labels} without={["alertname", "severity", ...groupLabels]} />
      <Runbook address={annotations["runbook_url"]} />
    </article>
  );
}

function Suppression({ alert }: { readonly alert: Alert }) {
  const { state, silencedBy } = alert.status;
  if (state !== "suppressed") return null;
  return (
    <span className={classes.suppression}>{silencedBy.length > 0 ? "silenced" : "inhibited"}: nobody is told</span>
  );
}

/** A link where the runbook is on the web; a path in the repository as it is. */
function Runbook({ address }: { readonly address: string | undefined }) {
  if (address === undefined) return null;
  return (
    <div className={classes.runbook}>
      Runbook:{" "}
      {isWebAddress(address) ? (
        <a href={address} rel="noreferrer">
          {address}
        </a>
      ) : (
        <code>{address}</code>
      )}
    </div>
  );
}

/** Whoever sends an alert writes its addresses: only those of web pages become links. */
function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}

function newSilenceAddress(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) => [
    "m",
    matcherText({ name, value, isRegex: false, isEqual: true }),
  ]);
  return `/silences/new?${new URLSearchParams(matchers).toString()}`;
}
