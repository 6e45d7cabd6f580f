import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Labels } from "../../shared/Labels.tsx";
import classes from "../alerts.module.css";
import type { Alert } from "../alerts-api.ts";
import { matcherText } from "../matcher-text.ts";
import { readMatchers } from "./silence-matchers.ts";

/** More would push the form off the screen; the rest is counted. */
const alertsMax = 5;

/** Which alerts that fire now a silence would keep quiet: one that is too wide, or misses, shows before it is made. */
export function MatchedAlerts({ matchersText }: { readonly matchersText: string }) {
  const [settledText] = useDebouncedValue(matchersText, 300);
  const matched = useQuery({
    queryKey: ["matched-alerts", settledText],
    queryFn: ({ signal }) => {
      const filter = readMatchers(settledText).map((matcher) => ["filter", matcherText(matcher)]);
      return requestJson<readonly Alert[]>(`/api/v2/alerts?${new URLSearchParams(filter).toString()}`, { signal });
    },
    enabled: settledText.trim() !== "",
    placeholderData: (before) => before,
  });
  if (settledText.trim() === "") return null;
  if (matched.isError) return <div className={classes.matchedProblem}>{diagnosticOf(matched.error).message}</div>;
  if (matched.data === undefined) return null;
  const count = matched.data.length;
  return (
    <div className={classes.matched} role="status">
      <div>{count === 0 ? "No alert that fires now matches" : `Alerts that fire now and match: ${count}`}</div>
      {matched.data.slice(0, alertsMax).map((alert) => (
        <Labels key={alert.fingerprint} labels={alert.labels} />
      ))}
      {count > alertsMax && <div className={classes.muted}>and {count - alertsMax} more</div>}
    </div>
  );
}
