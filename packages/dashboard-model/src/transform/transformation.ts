import type { Frame } from "../frame/frame.ts";
import type { JsonObject } from "../json.ts";
import { calculateField } from "./calculate-field.ts";
import { groupBy } from "./group-by.ts";
import { joinByField } from "./join-by-field.ts";
import { labelsToFields } from "./labels-to-fields.ts";
import { mergeFrames } from "./merge-frames.ts";
import { filterFields, organizeFields, renameByPattern } from "./organize-fields.ts";
import { reduceFrames, seriesToTable } from "./reduce-frames.ts";
import { limitRows, sortRows } from "./sort-rows.ts";

/** One step between the answers of the queries and what is drawn. */
export interface Transformation {
  readonly id: string;
  readonly disabled: boolean;
  readonly options: JsonObject;
}

type Transform = (frames: readonly Frame[], options: JsonObject) => readonly Frame[];

/** By the names that dashboards use. */
const transforms: ReadonlyMap<string, Transform> = new Map<string, Transform>([
  ["organize", organizeFields],
  ["merge", mergeFrames],
  ["joinByField", joinByField],
  ["seriesToColumns", joinByField],
  ["labelsToFields", labelsToFields],
  ["sortBy", sortRows],
  ["limit", limitRows],
  ["groupBy", groupBy],
  ["reduce", reduceFrames],
  ["renameByRegex", renameByPattern],
  ["filterFieldsByName", filterFields],
  ["calculateField", calculateField],
  ["timeSeriesTable", seriesToTable],
]);

export function isKnownTransformation(id: string): boolean {
  return transforms.has(id);
}

/** Applies the steps in order. One that is not known leaves the data as it is: the panel names it. */
export function transformFrames(frames: readonly Frame[], steps: readonly Transformation[]): readonly Frame[] {
  let current = frames;
  for (const step of steps) {
    const transform = step.disabled ? undefined : transforms.get(step.id);
    if (transform !== undefined) current = transform(current, step.options);
  }
  return current;
}
