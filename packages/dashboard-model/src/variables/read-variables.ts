import { isObject, type JsonObject, objectOf, objectsOf, textOf } from "../json.ts";
import type { Variable, VariableKind, VariableOption } from "./variable.ts";

const kinds: ReadonlySet<string> = new Set(["query", "custom", "constant", "interval", "datasource", "textbox"]);

/** The variables of a dashboard, and in words those that we cannot offer. */
export function readVariables(templating: unknown): { variables: Variable[]; lacks: string[] } {
  const variables: Variable[] = [];
  const lacks: string[] = [];
  for (const entry of objectsOf(objectOf(templating).list)) {
    const variable = readVariable(entry);
    if (variable.name === "") continue;
    variables.push(variable);
    if (variable.kind === "unsupported")
      lacks.push(`variable "${variable.name}" of kind "${textOf(entry.type, "unknown")}"`);
  }
  return { variables, lacks };
}

function readVariable(entry: JsonObject): Variable {
  const type = textOf(entry.type, "query");
  const name = textOf(entry.name);
  const current = objectOf(entry.current);
  return {
    kind: kinds.has(type) ? (type as VariableKind) : "unsupported",
    name,
    label: textOf(entry.label) || name,
    hide: entry.hide === 2 ? "variable" : entry.hide === 1 ? "label" : "nothing",
    query: readQuery(entry),
    regex: textOf(entry.regex),
    sort: typeof entry.sort === "number" ? entry.sort : 0,
    multi: entry.multi === true,
    includeAll: entry.includeAll === true,
    allValue: textOf(entry.allValue),
    saved: savedValues(current.value),
    savedOptions: objectsOf(entry.options).map(readOption),
    datasource: datasourceName(entry.datasource),
  };
}

/** Newer dashboards wrap the query text, with its kind beside it: 5 is the old text as it was. */
function readQuery(entry: JsonObject): string {
  if (!isObject(entry.query)) return textOf(entry.query);
  return textOf(entry.query.query) || textOf(entry.definition);
}

function savedValues(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((entry) => textOf(entry)).filter((entry) => entry !== "");
  const text = textOf(value);
  return text === "" ? [] : [text];
}

function readOption(option: JsonObject): VariableOption {
  const value = textOf(option.value);
  return { value, text: textOf(option.text) || value };
}

/** A data source is named by uid, by name, or by a variable such as "${datasource}"; "" means the default. */
export function datasourceName(value: unknown): string {
  if (isObject(value)) return textOf(value.uid);
  return textOf(value);
}
