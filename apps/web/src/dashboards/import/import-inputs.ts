import { parseDashboardJson, readDashboard } from "@tatou/dashboard-model";

/** Something that an exported dashboard leaves open, to be chosen when it is imported. */
export interface ImportInput {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: "datasource" | "constant";
  readonly pluginId: string;
  /** Of a constant: its value by default. */
  readonly value: string;
}

export interface ImportPreview {
  /** As it will be sent: without the wrapping of the API. */
  readonly dashboard: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly panelCount: number;
  readonly inputs: readonly ImportInput[];
  /** In words: what will not be drawn. */
  readonly lacks: readonly string[];
}

/** Reads what was pasted or uploaded. @throws {DashboardFormatError} */
export function previewImport(text: string): ImportPreview {
  const json = parseDashboardJson(text) as Record<string, unknown>;
  const read = readDashboard(json);
  const dashboard = isRecord(json.dashboard) ? json.dashboard : json;
  const panels = read.rows.flatMap((row) => row.panels);
  const inputs = Array.isArray(dashboard.__inputs) ? dashboard.__inputs.filter(isRecord).map(readInput) : [];
  const lacks = [
    ...read.lacks,
    ...panels.flatMap((panel) => panel.lacks.map((lack) => `${panel.title || "Untitled panel"}: ${lack}`)),
  ];
  return { dashboard, title: read.title, panelCount: panels.length, inputs, lacks };
}

function readInput(input: Record<string, unknown>): ImportInput {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    name: text(input.name),
    label: text(input.label) || text(input.name),
    description: text(input.description),
    type: input.type === "constant" ? "constant" : "datasource",
    pluginId: text(input.pluginId) || "prometheus",
    value: text(input.value),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
