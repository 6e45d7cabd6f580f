import { Button, Textarea } from "@mantine/core";
import { type ChangeEvent, type DragEvent, useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { UploadIcon } from "../../shared/icons.tsx";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { ImportForm } from "./ImportForm.tsx";
import classes from "./import.module.css";
import { type ImportPreview, previewImport } from "./import-inputs.ts";

/** First the JSON, then what it leaves open, then the dashboard itself. */
export function ImportPage() {
  usePageTitle("Import dashboard");
  const [text, setText] = useState("");
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = (source: string): void => {
    setText(source);
    try {
      setPreview(previewImport(source));
      setError(null);
    } catch (caught) {
      setError(caught);
    }
  };
  if (preview !== null) return <ImportForm preview={preview} onBack={() => setPreview(null)} />;
  return (
    <div className={classes.page}>
      <PageHeader title="Import dashboard" subtitle="A dashboard that was exported from Grafana, as JSON." />
      <DropZone onText={read} />
      <Textarea
        mt="md"
        label="Or paste the JSON here"
        placeholder='{ "title": "…", "panels": [ … ] }'
        classNames={{ input: classes.json }}
        rows={12}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {error !== null && (
        <div style={{ marginTop: 14 }}>
          <Problem diagnostic={diagnosticOf(error)} />
        </div>
      )}
      <Button mt="md" size="sm" disabled={text.trim() === ""} onClick={() => read(text)}>
        Load
      </Button>
    </div>
  );
}

function DropZone({ onText }: { readonly onText: (text: string) => void }) {
  const [over, setOver] = useState(false);
  const take = (file: File | undefined): void => {
    if (file !== undefined) void file.text().then(onText);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const dragOver = (event: DragEvent): void => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <label
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={dragOver}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <UploadIcon size={22} />
      <span>
        <strong>Choose a file</strong> or drop one here
      </span>
      <input
        type="file"
        accept=".json,application/json,text/plain"
        className={classes.file}
        onChange={(event: ChangeEvent<HTMLInputElement>) => take(event.currentTarget.files?.[0])}
      />
    </label>
  );
}
