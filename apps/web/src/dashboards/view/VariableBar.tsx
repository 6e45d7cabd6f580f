import { MultiSelect, Select, TextInput } from "@mantine/core";
import { allValueMark } from "@tatou/dashboard-model";
import { useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { changeSearch } from "../../shared/location.ts";
import classes from "./dashboard.module.css";
import { variableParameter } from "./dashboard-address.ts";
import { nextChoice } from "./next-choice.ts";
import type { SettledVariable } from "./use-variables.ts";

/** The controls of the variables that the dashboard's author left open. */
export function VariableBar({ variables }: { readonly variables: readonly SettledVariable[] }) {
  const shown = variables.filter(
    ({ variable }) => variable.hide !== "variable" && variable.kind !== "constant" && variable.kind !== "unsupported",
  );
  if (shown.length === 0) return null;
  return (
    <div className={classes.variables}>
      {shown.map((settled) => (
        <VariableControl key={settled.variable.name} settled={settled} />
      ))}
    </div>
  );
}

function VariableControl({ settled }: { readonly settled: SettledVariable }) {
  const { variable, error } = settled;
  return (
    <div className={classes.variable}>
      {variable.hide !== "label" && (
        <label className={classes.variableLabel} htmlFor={`variable-${variable.name}`}>
          {variable.label}
        </label>
      )}
      <VariableInput settled={settled} />
      {error !== null && (
        <span className={classes.variableError} title={diagnosticOf(error).message}>
          {diagnosticOf(error).message}
        </span>
      )}
    </div>
  );
}

/** Options drawn in a list at once; typing finds the rest. */
const optionsShownMax = 200;

function VariableInput({ settled: { variable, options, value } }: { readonly settled: SettledVariable }) {
  const set = (values: string | readonly string[]): void =>
    changeSearch({ [variableParameter(variable.name)]: values });
  const id = `variable-${variable.name}`;
  if (variable.kind === "textbox") return <VariableText id={id} value={value?.values[0] ?? ""} onChange={set} />;
  const all = variable.includeAll ? [{ value: allValueMark, label: "All" }] : [];
  const unknown = (value?.values ?? []).filter(
    (one) => value?.text !== "All" && !options.some((option) => option.value === one),
  );
  const data = [
    ...all,
    ...unknown.map((one) => ({ value: one, label: one })),
    ...options.map((option) => ({ value: option.value, label: option.text })),
  ];
  const isAll = variable.includeAll && value?.text === "All";
  const chosen = isAll ? [allValueMark] : (value?.values ?? []);
  if (!variable.multi)
    return (
      <Select
        id={id}
        searchable
        limit={optionsShownMax}
        allowDeselect={false}
        nothingFoundMessage="Nothing found"
        data={data}
        value={chosen[0] ?? null}
        onChange={(one) => set(one ?? "")}
      />
    );
  return (
    <MultiSelect
      id={id}
      size="xs"
      searchable
      limit={optionsShownMax}
      maxDropdownHeight={320}
      nothingFoundMessage="Nothing found"
      data={data}
      value={[...chosen]}
      onChange={(next) => set(nextChoice(next, isAll))}
    />
  );
}

function VariableText({
  id,
  value,
  onChange,
}: {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  return (
    <TextInput
      id={id}
      size="xs"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => onChange(text)}
      onKeyDown={(event) => event.key === "Enter" && onChange(text)}
    />
  );
}
