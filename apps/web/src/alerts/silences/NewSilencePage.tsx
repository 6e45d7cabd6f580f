import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { browserClock } from "../../shared/clock.ts";
import { formatDateTime } from "../../shared/format/time.ts";
import { requestJson } from "../../shared/http/api-client.ts";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { navigate, usePageLocation } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import classes from "../alerts.module.css";
import { MatchedAlerts } from "./MatchedAlerts.tsx";
import { rememberAuthor, rememberedAuthor } from "./remembered-author.ts";
import { readMatchers } from "./silence-matchers.ts";

const durations = [
  { value: "1800000", label: "30 min" },
  { value: "7200000", label: "2 hours" },
  { value: "28800000", label: "8 hours" },
  { value: "86400000", label: "1 day" },
  { value: "604800000", label: "1 week" },
];

/** A form for a silence; it comes filled in when one arrives from an alert. */
export function NewSilencePage() {
  usePageTitle("New silence");
  const { search } = usePageLocation();
  const [matchers, setMatchers] = useState(() => search.getAll("m").join("\n"));
  const [durationMs, setDurationMs] = useState("7200000");
  const [author, setAuthor] = useState(rememberedAuthor);
  const [comment, setComment] = useState("");
  const create = useMutation({
    mutationFn: () => {
      const startMs = browserClock.nowMs();
      return requestJson("/api/v2/silences", {
        json: {
          matchers: readMatchers(matchers),
          startsAt: new Date(startMs).toISOString(),
          endsAt: new Date(startMs + Number(durationMs)).toISOString(),
          createdBy: author.trim(),
          comment: comment.trim(),
        },
      });
    },
    onSuccess: () => {
      rememberAuthor(author.trim());
      navigate("/silences");
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <PageHeader title="New silence" subtitle="It begins at once; alerts that match notify nobody until it ends" />
      <form className={classes.form} onSubmit={submit}>
        <Textarea
          label="Matchers"
          description='One a line, as in alertname="TargetDown" or severity=~"low|medium"; all must match'
          autosize
          minRows={3}
          value={matchers}
          onChange={(event) => setMatchers(event.currentTarget.value)}
          classNames={{ input: classes.monoInput ?? "" }}
          required
        />
        <MatchedAlerts matchersText={matchers} />
        <div>
          <div className={classes.fieldLabel}>For</div>
          <SegmentedControl
            size="xs"
            aria-label="For how long"
            data={durations}
            value={durationMs}
            onChange={setDurationMs}
          />
          <div className={classes.muted}>until {formatDateTime(browserClock.nowMs() + Number(durationMs))}</div>
        </div>
        <TextInput
          label="Your name"
          value={author}
          onChange={(event) => setAuthor(event.currentTarget.value)}
          required
        />
        <TextInput label="Why" value={comment} onChange={(event) => setComment(event.currentTarget.value)} required />
        {create.isError && <Problem diagnostic={diagnosticOf(create.error)} />}
        <div className={classes.formActions}>
          <Button type="submit" loading={create.isPending}>
            Create silence
          </Button>
          <Button variant="default" onClick={() => navigate("/silences")}>
            Cancel
          </Button>
        </div>
      </form>
    </>
  );
}
