import { Button, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime, formatRelative } from "../../shared/format/time.ts";
import { requestJson, requestText } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { changeSearch, followLink, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import type { Silence } from "../alerts-api.ts";
import { matcherText } from "../matcher-text.ts";

const states = { active: "Active", pending: "Pending", expired: "Expired" } as const;

/** What is kept quiet, by whom, why and until when. */
export function SilencesPage() {
  usePageTitle("Silences");
  const state = usePageLocation().search.get("state") ?? "active";
  const silences = useQuery({
    queryKey: ["silences"],
    queryFn: ({ signal }) => requestJson<readonly Silence[]>("/api/v2/silences", { signal }),
    refetchInterval: 10_000,
  });
  const all = silences.data ?? [];
  const shown = all.filter((silence) => silence.status.state === state);
  return (
    <>
      <PageHeader
        title="Silences"
        subtitle="Alerts that match all matchers of a silence notify nobody while it is active"
      >
        <SegmentedControl
          size="xs"
          aria-label="Which silences"
          value={state}
          onChange={(value) => changeSearch({ state: value === "active" ? null : value }, { replace: true })}
          data={Object.entries(states).map(([value, name]) => ({
            value,
            label: `${name} ${all.filter((silence) => silence.status.state === value).length}`,
          }))}
        />
        <Button component="a" href="/silences/new" onClick={followLink}>
          New silence
        </Button>
      </PageHeader>
      {silences.isPending && <TableSkeleton />}
      {silences.isError && <FetchProblem query={silences} />}
      {silences.isSuccess && shown.length === 0 && <Hint title={`No silence is ${state}`} />}
      {shown.map((silence) => (
        <SilenceEntry key={silence.id} silence={silence} />
      ))}
    </>
  );
}

function SilenceEntry({ silence }: { readonly silence: Silence }) {
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: () => requestText(`/api/v2/silence/${silence.id}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["silences"] }),
  });
  const endsMs = Date.parse(silence.endsAt);
  return (
    <article className={classes.card}>
      <div className={classes.entry}>
        <div className={classes.entryHead}>
          {silence.matchers.map((matcher) => (
            <code key={matcherText(matcher)} className={classes.code}>
              {matcherText(matcher)}
            </code>
          ))}
          {silence.status.state !== "expired" && (
            <span className={classes.right}>
              <Button variant="default" size="compact-xs" loading={expire.isPending} onClick={() => expire.mutate()}>
                Expire
              </Button>
            </span>
          )}
        </div>
        <div>{silence.comment}</div>
        <div className={classes.muted}>
          by {silence.createdBy}, {silence.status.state === "expired" ? "ended" : "ends"} {formatDateTime(endsMs)} (
          {formatRelative(endsMs, browserClock.nowMs())})
        </div>
        {expire.isError && <Problem diagnostic={diagnosticOf(expire.error)} />}
      </div>
    </article>
  );
}
