import { fieldName, findField } from "../frame/field-name.ts";
import { type Field, type Frame, rowCount } from "../frame/frame.ts";
import { reduceValues } from "../frame/reducers.ts";
import { type JsonObject, numberOf, objectOf, textOf, textsOf } from "../json.ts";
import { joinByField } from "./join-by-field.ts";

type Cell = number | null;

/** Adds a number column made of others of its row: two with an operator, or many with a reducer. */
export function calculateField(frames: readonly Frame[], options: JsonObject): Frame[] {
  // Series of several frames meet in one row by their time.
  const onlySeries = frames.length > 1 && frames.every((frame) => frame.fields.some((field) => field.kind === "time"));
  const joined = onlySeries ? joinByField(frames, {}) : frames;
  return joined.map((frame) => {
    const values =
      options.mode === "binary"
        ? binaryColumn(frame, objectOf(options.binary))
        : reducedColumn(frame, objectOf(options.reduce));
    if (values === null) return frame;
    const added: Field = { name: textOf(options.alias) || defaultName(options), kind: "number", labels: {}, values };
    const others =
      options.replaceFields === true ? frame.fields.filter((field) => field.kind === "time") : frame.fields;
    return { ...frame, fields: [...others, added] };
  });
}

function defaultName(options: JsonObject): string {
  if (options.mode !== "binary") return textOf(objectOf(options.reduce).reducer) || "Total";
  const { left, operator, right } = objectOf(options.binary);
  return `${operandName(left)} ${textOf(operator, "+")} ${operandName(right)}`;
}

function reducedColumn(frame: Frame, reduce: JsonObject): Cell[] | null {
  const included = textsOf(reduce.include);
  const fields = frame.fields.filter(
    (field) => field.kind === "number" && (included.length === 0 || included.includes(fieldName(field))),
  );
  if (fields.length === 0) return null;
  const reducer = textOf(reduce.reducer) || "sum";
  return Array.from({ length: rowCount(frame) }, (_, row) =>
    asCell(
      reduceValues(
        reducer,
        fields.map((field) => field.values[row] ?? null),
      ),
    ),
  );
}

function binaryColumn(frame: Frame, binary: JsonObject): Cell[] | null {
  const left = operand(frame, binary.left);
  const right = operand(frame, binary.right);
  const operate = operators.get(textOf(binary.operator) || "+");
  if (left === null || right === null || operate === undefined) return null;
  return Array.from({ length: rowCount(frame) }, (_, row) => {
    const [a, b] = [left(row), right(row)];
    return a === null || b === null ? null : operate(a, b);
  });
}

const operators = new Map<string, (left: number, right: number) => number>([
  ["+", (left, right) => left + right],
  ["-", (left, right) => left - right],
  ["*", (left, right) => left * right],
  ["/", (left, right) => left / right],
]);

/** A fixed number or a field, named as text or, in newer dashboards, by a matcher. */
function operand(frame: Frame, value: unknown): ((row: number) => Cell) | null {
  const name = operandName(value);
  const field = findField(frame, name);
  if (field !== undefined) return (row) => asCell(field.values[row] ?? null);
  const fixed = numberOf(name);
  return fixed === undefined ? null : () => fixed;
}

function operandName(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  const { fixed, matcher } = objectOf(value);
  return textOf(fixed) || textOf(objectOf(matcher).options);
}

function asCell(value: number | string | null): Cell {
  return typeof value === "number" ? value : null;
}
