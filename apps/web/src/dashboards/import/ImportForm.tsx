import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, diagnosticOf } from "../../shared/http/api-error.ts";
import { navigate } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { type DataSource, getDataSources, getFolders, importDashboard } from "../api/dashboards-api.ts";
import classes from "./import.module.css";
import type { ImportInput, ImportPreview } from "./import-inputs.ts";

interface ImportFormProps {
  readonly preview: ImportPreview;
  readonly onBack: () => void;
}

/** Lacks shown one by one; a big dashboard may have hundreds. */
const lackCountMax = 8;

export function ImportForm({ preview, onBack }: ImportFormProps) {
  const [title, setTitle] = useState(preview.title);
  const [folderUid, setFolderUid] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const dataSources = useQuery({ queryKey: ["datasources"], queryFn: ({ signal }) => getDataSources({ signal }) });
  const folders = useQuery({ queryKey: ["folders"], queryFn: ({ signal }) => getFolders({ signal }) });
  const valueOf = (input: ImportInput): string => chosen[input.name] ?? defaultValue(input, dataSources.data ?? []);
  const send = useMutation({
    mutationFn: (overwrite: boolean) =>
      importDashboard({
        dashboard: { ...preview.dashboard, title },
        overwrite,
        ...(folderUid === null ? {} : { folderUid }),
        inputs: preview.inputs.map((input) => ({
          name: input.name,
          type: input.type,
          pluginId: input.pluginId,
          value: valueOf(input),
        })),
      }),
    onSuccess: (answer) => navigate(answer.importedUrl),
  });
  const taken = send.error instanceof ApiError && send.error.status === 412;
  const open = preview.inputs.filter((input) => valueOf(input) === "");
  return (
    <div className={classes.page}>
      <PageHeader title="Import dashboard" subtitle={`${preview.panelCount} panels`} />
      <div className={classes.card}>
        <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <Select
          mt="sm"
          size="sm"
          label="Folder"
          placeholder="General"
          clearable
          data={(folders.data ?? []).map((folder) => ({ value: folder.uid, label: folder.title }))}
          value={folderUid}
          onChange={setFolderUid}
        />
        {preview.inputs.map((input) => (
          <InputField
            key={input.name}
            input={input}
            value={valueOf(input)}
            dataSources={dataSources.data ?? []}
            onChange={(value) => setChosen({ ...chosen, [input.name]: value })}
          />
        ))}
        {dataSources.isError && <Problem diagnostic={diagnosticOf(dataSources.error)} />}
        <Lacks lacks={preview.lacks} />
        {send.isError && (
          <div style={{ marginTop: 14 }}>
            <Problem diagnostic={diagnosticOf(send.error)} />
          </div>
        )}
        <div className={classes.buttons}>
          <Button
            size="sm"
            loading={send.isPending}
            disabled={title.trim() === "" || open.length > 0}
            color={taken ? "red" : undefined}
            onClick={() => send.mutate(taken)}
          >
            {taken ? "Import and overwrite" : "Import"}
          </Button>
          <Button size="sm" variant="default" onClick={onBack}>
            Back
          </Button>
        </div>
      </div>
    </div>
  );
}

interface InputFieldProps {
  readonly input: ImportInput;
  readonly value: string;
  readonly dataSources: readonly DataSource[];
  readonly onChange: (value: string) => void;
}

function InputField({ input, value, dataSources, onChange }: InputFieldProps) {
  if (input.type === "constant")
    return (
      <TextInput
        mt="sm"
        label={input.label}
        description={input.description}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  const fitting = dataSources.filter((one) => one.type === input.pluginId);
  return (
    <Select
      mt="sm"
      size="sm"
      label={input.label}
      description={input.description}
      placeholder={fitting.length === 0 ? `There is no ${input.pluginId} data source` : "Choose a data source"}
      data={fitting.map((one) => ({ value: one.uid, label: one.name }))}
      value={value === "" ? null : value}
      onChange={(uid) => onChange(uid ?? "")}
      allowDeselect={false}
    />
  );
}

function Lacks({ lacks }: { readonly lacks: readonly string[] }) {
  if (lacks.length === 0) return null;
  return (
    <div className={classes.lacks}>
      Not everything of this dashboard is drawn:
      <ul>
        {lacks.slice(0, lackCountMax).map((lack, index) => (
          <li key={`${lack}${index}`}>{lack}</li>
        ))}
        {lacks.length > lackCountMax && <li>and {lacks.length - lackCountMax} more, each named in its panel</li>}
      </ul>
    </div>
  );
}

function defaultValue(input: ImportInput, dataSources: readonly DataSource[]): string {
  if (input.type === "constant") return input.value;
  const fitting = dataSources.filter((one) => one.type === input.pluginId);
  return (fitting.find((one) => one.isDefault) ?? fitting[0])?.uid ?? "";
}
