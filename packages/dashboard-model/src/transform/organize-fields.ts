import { fieldName, renamed } from "../frame/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { type JsonObject, numberOf, objectOf, textOf, textsOf } from "../json.ts";
import { stringPattern } from "../variables/string-pattern.ts";

/** Leaves out, orders and renames fields by name. */
export function organizeFields(frames: readonly Frame[], options: JsonObject): Frame[] {
  const excluded = objectOf(options.excludeByName);
  const order = objectOf(options.indexByName);
  const names = objectOf(options.renameByName);
  const wanted = objectOf(options.includeByName);
  const onlyWanted = Object.values(wanted).includes(true);
  return frames.map((frame) => {
    const kept = frame.fields.filter((field) => {
      const name = fieldName(field);
      return excluded[name] !== true && (!onlyWanted || wanted[name] === true);
    });
    const position = (field: Field): number => numberOf(order[fieldName(field)]) ?? Number.MAX_SAFE_INTEGER;
    const ordered =
      Object.keys(order).length === 0 ? kept : kept.sort((left, right) => position(left) - position(right));
    return { ...frame, fields: ordered.map((field) => renameFrom(field, names)) };
  });
}

function renameFrom(field: Field, names: JsonObject): Field {
  const name = textOf(names[fieldName(field)]);
  return name === "" ? field : renamed(field, name);
}

/** Rewrites the names that a pattern fits, as `replaceAll` does. */
export function renameByPattern(frames: readonly Frame[], options: JsonObject): Frame[] {
  const pattern = stringPattern(textOf(options.regex));
  if (pattern === null) return [...frames];
  const replacement = textOf(options.renamePattern);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = fieldName(field);
      return pattern.test(name) ? renamed(field, name.replace(pattern, replacement)) : field;
    }),
  }));
}

/** Keeps the fields that are listed or fit a pattern, or leaves them out. */
export function filterFields(frames: readonly Frame[], options: JsonObject): Frame[] {
  const include = nameTest(options.include);
  const exclude = nameTest(options.exclude);
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => {
        const name = fieldName(field);
        return (include === null || include(name)) && (exclude === null || !exclude(name));
      }),
    }))
    .filter((frame) => frame.fields.length > 0);
}

function nameTest(value: unknown): ((name: string) => boolean) | null {
  const { names, pattern } = objectOf(value);
  const listed = textsOf(names);
  const expression = typeof pattern === "string" && pattern !== "" ? stringPattern(pattern) : null;
  if (listed.length === 0 && expression === null) return null;
  return (name) => listed.includes(name) || expression?.test(name) === true;
}
