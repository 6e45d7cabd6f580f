import { type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from "../json.ts";
import { stringPattern } from "../variables/string-pattern.ts";
import type { FieldColor } from "./color.ts";
import { noThresholds, readThresholds, type Thresholds } from "./thresholds.ts";
import { readMappings, type ValueMapping } from "./value-mapping.ts";

/** How the values of a field are written, coloured and drawn. */
export interface FieldConfig {
  readonly unit: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly displayName?: string;
  /** Shown in place of a value that is not there. */
  readonly noValue?: string;
  readonly color: FieldColor;
  readonly thresholds: Thresholds;
  readonly mappings: readonly ValueMapping[];
  /** What only one panel kind understands: line width, cell kind, axis. */
  readonly custom: JsonObject;
}

/** Changes of the configuration for the fields that a matcher names. */
export interface FieldOverride {
  readonly matcher: FieldMatcher;
  readonly properties: JsonObject;
}

export type FieldMatcher =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "pattern"; readonly pattern: RegExp }
  | { readonly kind: "frame"; readonly refId: string }
  | { readonly kind: "type"; readonly type: string }
  | { readonly kind: "unknown"; readonly id: string };

export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly FieldOverride[];
}

export function readFieldConfigSource(value: unknown): FieldConfigSource {
  const source = objectOf(value);
  return {
    defaults: readFieldConfig(objectOf(source.defaults)),
    overrides: objectsOf(source.overrides).map(readOverride),
  };
}

/** The configuration of one field: the defaults, then each override that names it, later ones winning. */
export function configOfField(
  source: FieldConfigSource,
  field: { readonly name: string; readonly displayName: string; readonly kind: string; readonly refId: string },
): FieldConfig {
  let config = source.defaults;
  for (const override of source.overrides)
    if (matches(override.matcher, field)) config = withProperties(config, override.properties);
  return config;
}

function matches(
  matcher: FieldMatcher,
  field: { readonly name: string; readonly displayName: string; readonly kind: string; readonly refId: string },
): boolean {
  switch (matcher.kind) {
    case "names":
      return matcher.names.includes(field.displayName) || matcher.names.includes(field.name);
    case "pattern":
      return matcher.pattern.test(field.displayName) || matcher.pattern.test(field.name);
    case "frame":
      return matcher.refId === field.refId;
    case "type":
      return matcher.type === field.kind;
    case "unknown":
      return false;
  }
}

function readFieldConfig(defaults: JsonObject): FieldConfig {
  return withFields(
    { unit: "", color: { mode: "" }, thresholds: noThresholds, mappings: [], custom: {} },
    { ...defaults, custom: objectOf(defaults.custom) },
  );
}

/** Override properties are named by path ("custom.fillOpacity"); the part after "custom." is the panel's own. */
function withProperties(config: FieldConfig, properties: JsonObject): FieldConfig {
  const custom: Record<string, unknown> = { ...config.custom };
  const fields: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(properties)) {
    if (!id.startsWith("custom.")) fields[id] = value;
    else setPath(custom, id.slice("custom.".length).split("."), value);
  }
  return withFields(config, { ...fields, custom });
}

function setPath(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined || key === "__proto__") return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner: Record<string, unknown> = { ...objectOf(target[key]) };
  setPath(inner, rest, value);
  target[key] = inner;
}

function withFields(config: FieldConfig, fields: JsonObject): FieldConfig {
  const decimals = numberOf(fields.decimals);
  const min = numberOf(fields.min);
  const max = numberOf(fields.max);
  const thresholds = readThresholds(fields.thresholds);
  const color = objectOf(fields.color);
  return {
    ...config,
    ...(typeof fields.unit === "string" ? { unit: fields.unit } : {}),
    ...(decimals === undefined ? {} : { decimals: Math.min(Math.max(Math.trunc(decimals), 0), decimalsMax) }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(typeof fields.displayName === "string" && fields.displayName !== "" ? { displayName: fields.displayName } : {}),
    ...(typeof fields.noValue === "string" ? { noValue: fields.noValue } : {}),
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(typeof color.mode === "string" ? { color: readColor(color) } : {}),
    ...(fields.mappings === undefined ? {} : { mappings: readMappings(fields.mappings) }),
    custom: objectOf(fields.custom),
  };
}

/** More digits than a double holds. */
const decimalsMax = 15;

function readColor(color: JsonObject): FieldColor {
  const fixedColor = color.fixedColor;
  return { mode: textOf(color.mode), ...(typeof fixedColor === "string" ? { fixedColor } : {}) };
}

function readOverride(override: JsonObject): FieldOverride {
  const properties = objectsOf(override.properties).map((property) => [textOf(property.id), property.value] as const);
  return { matcher: readMatcher(objectOf(override.matcher)), properties: Object.fromEntries(properties) };
}

function readMatcher(matcher: JsonObject): FieldMatcher {
  const { id, options } = matcher;
  if (id === "byName") return { kind: "names", names: [textOf(options)] };
  if (id === "byNames") return { kind: "names", names: textsOf(objectOf(options).names) };
  if (id === "byFrameRefID") return { kind: "frame", refId: textOf(options) };
  if (id === "byType") return { kind: "type", type: textOf(options) === "string" ? "text" : textOf(options) };
  const pattern = id === "byRegexp" ? stringPattern(textOf(options)) : null;
  return pattern === null ? { kind: "unknown", id: textOf(id) } : { kind: "pattern", pattern };
}
