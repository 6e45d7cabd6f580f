import type { Panel } from "./dashboard/dashboard.ts";
import { configOfField } from "./field/field-config.ts";
import { fieldName } from "./frame/field-name.ts";
import type { DisplayField, DisplayFrame, Field, Frame } from "./frame/frame.ts";
import { framesOfAnswer, type QueryAnswer } from "./frame/prometheus-frames.ts";
import { transformFrames } from "./transform/transformation.ts";
import { interpolateText } from "./variables/interpolate.ts";
import { singleValue, type VariableScope } from "./variables/variable.ts";

/** What a panel draws: the answers of its queries, transformed, with names, units and colours settled. */
export interface PanelData {
  readonly frames: readonly DisplayFrame[];
  /** Series that were left out because a query brought too many. */
  readonly droppedSeriesCount: number;
}

export function panelData(panel: Panel, answers: readonly QueryAnswer[], scope: VariableScope): PanelData {
  const tables = answers.filter((answer) => answer.asTable).length;
  const made = answers.map((answer) => framesOfAnswer(answer, tables > 1 ? `Value #${answer.refId}` : "Value"));
  const frames = transformFrames(
    made.flatMap((one) => one.frames),
    panel.transformations,
  );
  return {
    frames: frames.map((frame) => displayFrame(panel, frame, scope)),
    droppedSeriesCount: made.reduce((total, one) => total + one.droppedSeriesCount, 0),
  };
}

function displayFrame(panel: Panel, frame: Frame, scope: VariableScope): DisplayFrame {
  return {
    refId: frame.refId,
    ...(frame.stepMs === undefined ? {} : { stepMs: frame.stepMs }),
    fields: frame.fields.map((field) => displayField({ panel, field, scope, refId: frame.refId })),
  };
}

interface FieldParts {
  readonly panel: Panel;
  readonly field: Field;
  readonly refId: string;
  readonly scope: VariableScope;
}

function displayField({ panel, field, refId, scope }: FieldParts): DisplayField {
  const name = fieldName(field);
  const config = configOfField(panel.fieldConfig, { name: field.name, displayName: name, kind: field.kind, refId });
  const renames = config.displayName !== undefined && field.kind !== "time";
  const displayName = renames ? filledName(config.displayName ?? "", { field, name, scope }) : name;
  const negative = config.custom.transform === "negative-Y" && field.kind === "number";
  const values = negative ? field.values.map((value) => (typeof value === "number" ? -value : value)) : field.values;
  return { ...field, values, refId, displayName, config };
}

/** A display name may mention the series and its labels: "${__field.labels.job}". */
function filledName(
  template: string,
  { field, name, scope }: { field: Field; name: string; scope: VariableScope },
): string {
  const withLabels = template.replaceAll(
    /\$\{__field\.labels(?:\.([\w:]+)|\["?([^"\]]+)"?\])\}/g,
    (_whole, dotted?: string, quoted?: string) => field.labels[dotted ?? quoted ?? ""] ?? "",
  );
  const names: [string, string][] = [
    ["__series.name", name],
    ["__field.name", field.name],
    ["__field.displayName", name],
  ];
  let text = withLabels;
  for (const [variable, value] of names) text = text.replaceAll(`\${${variable}}`, value);
  return interpolateText(text, new Map([...scope, ["__series_name", singleValue(name)]]));
}
