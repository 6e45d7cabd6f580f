import { DashboardFormatError } from "../errors.ts";
import { isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from "../json.ts";
import { readVariables } from "../variables/read-variables.ts";
import type { Dashboard, Panel, Row } from "./dashboard.ts";
import { panelsOfRows } from "./old-rows.ts";
import { readLink } from "./read-link.ts";
import { readGrid, readPanel } from "./read-panel.ts";

/** More panels than anyone reads; what is beyond is named. */
const panelCountMax = 500;

/**
 * Reads a dashboard's JSON: every classic schema version, as exported, as the API wraps it, or in the v1 resource.
 * @throws {DashboardFormatError} it is no dashboard, or one of the v2 schema
 */
export function readDashboard(value: unknown): Dashboard {
  const json = unwrap(value);
  const flat =
    Array.isArray(json.rows) && !Array.isArray(json.panels) ? panelsOfRows(json.rows) : objectsOf(json.panels);
  const { variables, lacks } = readVariables(json.templating);
  const time = objectOf(json.time);
  return {
    uid: textOf(json.uid),
    title: textOf(json.title) || "Untitled dashboard",
    description: textOf(json.description),
    tags: textsOf(json.tags),
    timeRange: { from: textOf(time.from) || "now-6h", to: textOf(time.to) || "now" },
    refresh: typeof json.refresh === "string" ? json.refresh : "",
    zone: json.timezone === "utc" ? "utc" : "local",
    variables,
    links: objectsOf(json.links).flatMap(readLink),
    rows: groupIntoRows(flat.slice(0, panelCountMax)),
    lacks: [
      ...lacks,
      ...annotationLacks(json),
      ...exemplarLacks(flat),
      ...linkLacks(json),
      ...(flat.length > panelCountMax
        ? [`${flat.length - panelCountMax} panels beyond the first ${panelCountMax}`]
        : []),
    ],
  };
}

/** Reads a dashboard from text. @throws {DashboardFormatError} also when the text is no JSON */
export function parseDashboard(text: string): Dashboard {
  return readDashboard(parseDashboardJson(text));
}

/** The JSON of a dashboard's text, without reading further. @throws {DashboardFormatError} the text is no JSON */
export function parseDashboardJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new DashboardFormatError(
      error instanceof Error ? error.message : "no JSON",
      "Paste the whole file, from { to }",
    );
  }
}

/** Wrappings within each other: the API's around the resource's around the dashboard. */
const wrappingsMax = 3;

function unwrap(value: unknown): JsonObject {
  let inner = value;
  for (let count = 0; count < wrappingsMax && isObject(inner); count++) {
    if (isObject(inner.elements) || isObject(objectOf(inner.spec).elements))
      throw new DashboardFormatError("schema v2", 'Export it as "Classic" instead of "V2 Resource"');
    if (isObject(inner.dashboard)) inner = inner.dashboard;
    else if (isObject(inner.spec) && !Array.isArray(inner.panels)) inner = inner.spec;
    else break;
  }
  if (!isObject(inner)) throw new DashboardFormatError(Array.isArray(inner) ? "a list" : `a ${typeof inner}`);
  const json = inner;
  if (!knownKeys.some((key) => key in json))
    throw new DashboardFormatError(`an object with ${Object.keys(json).slice(0, 5).join(", ") || "nothing in it"}`);
  return json;
}

const knownKeys = ["panels", "rows", "title", "schemaVersion", "templating"];

/** Splits the flat list where row panels stand; panels of a collapsed row are inside of it. */
function groupIntoRows(panels: readonly JsonObject[]): Row[] {
  const sorted = [...panels].sort(
    (left, right) => readGrid(left).y - readGrid(right).y || readGrid(left).x - readGrid(right).x,
  );
  const rows: { head: JsonObject | null; panels: JsonObject[] }[] = [{ head: null, panels: [] }];
  for (const panel of sorted) {
    if (panel.type === "row") rows.push({ head: panel, panels: [...objectsOf(panel.panels)] });
    else rows.at(-1)?.panels.push(panel);
  }
  return rows.filter((row) => row.head !== null || row.panels.length > 0).map(readRow);
}

function readRow({ head, panels }: { head: JsonObject | null; panels: readonly JsonObject[] }, index: number): Row {
  const top = Math.min(...panels.map((panel) => readGrid(panel).y));
  const read = panels.map((panel): Panel => {
    const one = readPanel(panel);
    return { ...one, grid: { ...one.grid, y: one.grid.y - top } };
  });
  return {
    id: numberOf(head?.id) ?? -index,
    title: head === null ? null : textOf(head.title),
    collapsed: head?.collapsed === true,
    repeat: textOf(head?.repeat),
    panels: read,
  };
}

/** The built-in annotation layer only shows what people wrote by hand; others would mark the charts. */
function annotationLacks(json: JsonObject): string[] {
  return objectsOf(objectOf(json.annotations).list)
    .filter((annotation) => annotation.builtIn !== 1 && annotation.enable !== false)
    .map((annotation) => `annotations "${textOf(annotation.name)}"`);
}

/** Dots of single requests in a chart: named once, because dashboards ask for them everywhere. */
function exemplarLacks(panels: readonly JsonObject[]): string[] {
  const all = panels.flatMap((panel) => [panel, ...objectsOf(panel.panels)]);
  const count = all.filter((panel) => objectsOf(panel.targets).some((target) => target.exemplar === true)).length;
  return count === 0 ? [] : [`exemplars in ${count === 1 ? "a panel" : `${count} panels`}`];
}

/** Links that list other dashboards by their tags. */
function linkLacks(json: JsonObject): string[] {
  return objectsOf(json.links)
    .filter((link) => link.type === "dashboards")
    .map((link) => `links to dashboards tagged ${textsOf(link.tags).join(", ")}`);
}
