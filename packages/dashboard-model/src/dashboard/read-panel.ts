import type { FieldConfigSource } from "../field/field-config.ts";
import { readFieldConfigSource } from "../field/field-config.ts";
import { type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../json.ts";
import { isKnownTransformation, type Transformation } from "../transform/transformation.ts";
import { datasourceName } from "../variables/read-variables.ts";
import type { GridPosition, Panel, PanelTarget } from "./dashboard.ts";
import { type PanelView, readPanelView } from "./panel-view.ts";
import { readLink } from "./read-link.ts";
import { upgradePanel } from "./upgrade-panel.ts";

/** Reads one panel of any classic version. What it asks for beyond our means is named in `lacks`. */
export function readPanel(old: JsonObject): Panel {
  const { panel, lacks: upgradeLacks } = upgradePanel(old);
  const type = textOf(panel.type);
  const view = readPanelView(type, objectOf(panel.options));
  const targets = objectsOf(panel.targets).map(readTarget);
  const transformations = objectsOf(panel.transformations).map(readTransformation);
  const maxDataPoints = numberOf(panel.maxDataPoints);
  const repeat = textOf(panel.repeat);
  return {
    id: numberOf(panel.id) ?? 0,
    title: textOf(panel.title),
    description: textOf(panel.description),
    grid: readGrid(panel),
    transparent: panel.transparent === true,
    datasource: datasourceName(panel.datasource),
    targets,
    transformations,
    fieldConfig: withColorMode(readFieldConfigSource(panel.fieldConfig), view),
    minInterval: textOf(panel.interval),
    ...(maxDataPoints === undefined || maxDataPoints < 1 ? {} : { maxDataPoints: Math.min(maxDataPoints, 5000) }),
    timeFrom: textOf(panel.timeFrom),
    timeShift: textOf(panel.timeShift),
    repeat:
      repeat === ""
        ? null
        : {
            variable: repeat,
            direction: panel.repeatDirection === "v" ? "v" : "h",
            perRowMax: numberOf(panel.maxPerRow) ?? 4,
          },
    links: objectsOf(panel.links).flatMap(readLink),
    view,
    lacks: [...upgradeLacks, ...lacksOf({ panel, view, targets, transformations })],
  };
}

/** Place and size; what is missing or out of bounds is put right. */
export function readGrid(panel: JsonObject): GridPosition {
  const grid = objectOf(panel.gridPos);
  const clamp = (value: unknown, [min, fallback, max]: readonly [number, number, number]): number =>
    Math.min(Math.max(Math.round(numberOf(value) ?? fallback), min), max);
  const w = clamp(grid.w, [1, 12, 24]);
  return {
    w,
    h: clamp(grid.h, [1, 8, 100]),
    x: Math.min(clamp(grid.x, [0, 0, 23]), 24 - w),
    y: clamp(grid.y, [0, 0, 100_000]),
  };
}

function readTarget(target: JsonObject, index: number): PanelTarget {
  const expression = textOf(target.expr);
  return {
    refId: textOf(target.refId) || String.fromCharCode(65 + (index % 26)),
    expression,
    legendFormat: textOf(target.legendFormat),
    hidden: target.hide === true || expression === "",
    instant: target.instant === true && target.range !== true,
    asTable: target.format === "table",
    minInterval: textOf(target.interval),
    intervalFactor: Math.max(1, numberOf(target.intervalFactor) ?? 1),
    datasource: datasourceName(target.datasource),
  };
}

function readTransformation(step: JsonObject): Transformation {
  return { id: textOf(step.id), disabled: step.disabled === true, options: objectOf(step.options) };
}

interface PanelParts {
  readonly panel: JsonObject;
  readonly view: PanelView;
  readonly targets: readonly PanelTarget[];
  readonly transformations: readonly Transformation[];
}

function lacksOf({ panel, view, targets, transformations }: PanelParts): string[] {
  const lacks: string[] = [];
  if (view.kind === "unsupported") lacks.push(`panel kind "${view.type || "none"}"`);
  if (hasDataLinks(objectOf(panel.fieldConfig))) lacks.push("links of single values");
  const libraryName = objectOf(panel.libraryPanel).name;
  if (libraryName !== undefined) lacks.push(`library panel "${textOf(libraryName)}"`);
  const scale = objectOf(objectOf(objectOf(objectOf(panel.fieldConfig).defaults).custom).scaleDistribution);
  if (scale.type === "log") lacks.push("logarithmic scale");
  for (const { id, disabled } of transformations)
    if (!disabled && !isKnownTransformation(id)) lacks.push(`transformation "${id}"`);
  for (const [index, target] of objectsOf(panel.targets).entries()) lacks.push(...targetLacks(target, targets[index]));
  return [...new Set(lacks)];
}

function hasDataLinks(fieldConfig: JsonObject): boolean {
  const properties = objectsOf(fieldConfig.overrides).flatMap((override) => objectsOf(override.properties));
  const values = [
    objectOf(fieldConfig.defaults).links,
    ...properties.map((one) => (one.id === "links" ? one.value : null)),
  ];
  return values.some((links) => objectsOf(links).length > 0);
}

function targetLacks(target: JsonObject, read: PanelTarget | undefined): string[] {
  const type = textOf(objectOf(target.datasource).type);
  if (type !== "" && type !== "prometheus" && type !== "datasource" && !type.startsWith("$"))
    return [`data source kind "${type}"`];
  if (target.format === "heatmap") return ['query format "heatmap"'];
  const nothing = read !== undefined && read.expression === "" && target.hide !== true;
  return nothing && Object.keys(target).some((key) => key === "query" || key === "rawSql" || key === "expression")
    ? [`query ${read.refId}, which is no PromQL`]
    : [];
}

/** Charts take their colours from the palette, single values from thresholds, unless the dashboard says. */
function withColorMode(source: FieldConfigSource, view: PanelView): FieldConfigSource {
  if (source.defaults.color.mode !== "") return source;
  const palette = view.kind === "timeseries" || view.kind === "piechart";
  return { ...source, defaults: { ...source.defaults, color: { mode: palette ? "palette-classic" : "thresholds" } } };
}
