import { type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../json.ts";
import { stringPattern } from "../variables/string-pattern.ts";

interface MappingResult {
  readonly text?: string;
  readonly color?: string;
}

/** Replaces certain values by words and colours. */
export type ValueMapping =
  | { readonly kind: "value"; readonly results: ReadonlyMap<string, MappingResult> }
  | { readonly kind: "range"; readonly from: number; readonly to: number; readonly result: MappingResult }
  | { readonly kind: "regex"; readonly pattern: RegExp; readonly result: MappingResult }
  | { readonly kind: "special"; readonly match: string; readonly result: MappingResult };

export function readMappings(value: unknown): ValueMapping[] {
  return objectsOf(value).flatMap(readMapping);
}

/** What the first fitting mapping makes of a value; null when none fits. */
export function mapValue(mappings: readonly ValueMapping[], value: number | string | null): MappingResult | null {
  for (const mapping of mappings) {
    const result = applyMapping(mapping, value);
    if (result !== null) return result;
  }
  return null;
}

function applyMapping(mapping: ValueMapping, value: number | string | null): MappingResult | null {
  switch (mapping.kind) {
    case "value":
      return mapping.results.get(String(value)) ?? null;
    case "range":
      return typeof value === "number" && value >= mapping.from && value <= mapping.to ? mapping.result : null;
    case "regex":
      return value !== null && mapping.pattern.test(String(value)) ? mapping.result : null;
    case "special":
      return isSpecial(mapping.match, value) ? mapping.result : null;
  }
}

function isSpecial(match: string, value: number | string | null): boolean {
  const isNan = typeof value === "number" && Number.isNaN(value);
  if (match === "null") return value === null;
  if (match === "nan") return isNan;
  if (match === "null+nan") return value === null || isNan;
  if (match === "empty") return value === "";
  return String(value) === match;
}

function readMapping(mapping: JsonObject): ValueMapping[] {
  const options = objectOf(mapping.options);
  const result = readResult(objectOf(options.result));
  switch (mapping.type) {
    case "value":
      return [
        {
          kind: "value",
          results: new Map(Object.entries(options).map(([key, to]) => [key, readResult(objectOf(to))])),
        },
      ];
    case "range":
      return [
        { kind: "range", from: numberOf(options.from) ?? -Infinity, to: numberOf(options.to) ?? Infinity, result },
      ];
    case "regex": {
      const pattern = stringPattern(textOf(options.pattern));
      return pattern === null ? [] : [{ kind: "regex", pattern, result }];
    }
    case "special":
      return [{ kind: "special", match: textOf(options.match), result }];
    default:
      return readOldMapping(mapping);
  }
}

/** Before schema version 30: type 1 maps a value, type 2 a range. */
function readOldMapping(mapping: JsonObject): ValueMapping[] {
  const result: MappingResult = { text: textOf(mapping.text) };
  if (mapping.type === 1) return [{ kind: "value", results: new Map([[textOf(mapping.value), result]]) }];
  if (mapping.type !== 2) return [];
  return [{ kind: "range", from: numberOf(mapping.from) ?? -Infinity, to: numberOf(mapping.to) ?? Infinity, result }];
}

function readResult(result: JsonObject): MappingResult {
  return {
    ...(typeof result.text === "string" && result.text !== "" ? { text: result.text } : {}),
    ...(typeof result.color === "string" ? { color: result.color } : {}),
  };
}
