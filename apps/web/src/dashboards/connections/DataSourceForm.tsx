import { Button, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { CheckIcon, TrashIcon } from "../../shared/icons.tsx";
import { navigate } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import {
  createDataSource,
  type DataSource,
  type DataSourceDraft,
  deleteDataSource,
  getHealth,
  type Health,
  updateDataSource,
} from "../api/dashboards-api.ts";
import classes from "./connections.module.css";

/** Settings of a Prometheus data source; saving asks it at once whether it answers. */
export function DataSourceForm({ dataSource }: { readonly dataSource: DataSource }) {
  const [name, setName] = useState(dataSource.name);
  const [url, setUrl] = useState(dataSource.url);
  const [isDefault, setDefault] = useState(dataSource.isDefault);
  const [interval, setInterval] = useState(dataSource.jsonData?.timeInterval ?? "");
  const [uid, setUid] = useState(dataSource.uid);
  const queryClient = useQueryClient();
  const readOnly = dataSource.readOnly === true;
  const save = useMutation({
    mutationFn: async (): Promise<Health> => {
      const draft = draftOf({ dataSource, name, url, isDefault, interval });
      const saved = readOnly ? uid : uid === "" ? (await createDataSource(draft)).uid : await update(uid, draft);
      setUid(saved);
      return await getHealth(saved);
    },
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ["datasources"] }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className={classes.form}>
      <PageHeader
        title={uid === "" ? "New Prometheus data source" : name}
        subtitle={
          readOnly ? "Provisioned from a file: change it there." : "Prometheus, or anything that speaks its API."
        }
      />
      <form className={classes.card} onSubmit={submit}>
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          readOnly={readOnly}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          mt="sm"
          label="URL"
          description="As the dashboards program reaches it, not your browser."
          placeholder="http://localhost:9090"
          type="url"
          required
          withAsterisk={false}
          readOnly={readOnly}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <TextInput
          mt="sm"
          label="Scrape interval"
          description="The least distance of two points; 15s when left empty."
          placeholder="15s"
          readOnly={readOnly}
          value={interval}
          onChange={(event) => setInterval(event.currentTarget.value)}
        />
        <Switch
          mt="md"
          label="Default data source"
          description="Asked by panels that choose none."
          disabled={readOnly}
          checked={isDefault}
          onChange={(event) => setDefault(event.currentTarget.checked)}
        />
        <div className={classes.buttons}>
          <Button type="submit" size="sm" loading={save.isPending}>
            {readOnly ? "Test" : "Save & test"}
          </Button>
          <Button size="sm" variant="default" onClick={() => navigate("/connections/datasources")}>
            Back
          </Button>
          {uid !== "" && !readOnly && <DeleteButton uid={uid} name={name} />}
        </div>
      </form>
      <Outcome health={save.data} error={save.error} />
    </div>
  );
}

function Outcome({ health, error }: { readonly health: Health | undefined; readonly error: unknown }) {
  if (error !== null)
    return (
      <div className={classes.outcome}>
        <Problem diagnostic={diagnosticOf(error)} />
      </div>
    );
  if (health === undefined) return null;
  if (health.status !== "OK")
    return (
      <div className={classes.outcome}>
        <Problem
          diagnostic={{
            code: "data_source_health",
            message: health.message,
            hint: "The settings are saved; check the URL and that the server runs",
          }}
        />
      </div>
    );
  return (
    <div className={classes.healthy} role="status">
      <CheckIcon size={18} />
      {health.message}
    </div>
  );
}

function DeleteButton({ uid, name }: { readonly uid: string; readonly name: string }) {
  const [sure, setSure] = useState(false);
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteDataSource(uid),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["datasources"] });
      navigate("/connections/datasources");
    },
  });
  return (
    <Button
      size="sm"
      variant={sure ? "filled" : "subtle"}
      color="red"
      ml="auto"
      leftSection={<TrashIcon size={14} />}
      loading={remove.isPending}
      onClick={() => (sure ? remove.mutate() : setSure(true))}
      onBlur={() => setSure(false)}
    >
      {remove.isError ? remove.error.message : sure ? `Really delete ${name}` : "Delete"}
    </Button>
  );
}

async function update(uid: string, draft: DataSourceDraft): Promise<string> {
  await updateDataSource(uid, draft);
  return uid;
}

interface DraftFields {
  readonly dataSource: DataSource;
  readonly name: string;
  readonly url: string;
  readonly isDefault: boolean;
  readonly interval: string;
}

function draftOf({ dataSource, name, url, isDefault, interval }: DraftFields): DataSourceDraft {
  const { timeInterval: _old, ...others } = dataSource.jsonData ?? {};
  return {
    name: name.trim(),
    type: "prometheus",
    url: url.trim(),
    access: "proxy",
    isDefault,
    jsonData: interval.trim() === "" ? others : { ...others, timeInterval: interval.trim() },
  };
}
