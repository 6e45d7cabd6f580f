/** Go's len, index and slice. Texts are counted and cut in bytes of UTF-8, as in Go. */
import { type FunctionTable, type GoValue, goFunction, goList, typeNameOf } from "../values/go-value.ts";

export const collectionFunctions: FunctionTable = new Map([
  ["len", goFunction(["any"], ([value]) => lengthOf(value))],
  ["index", goFunction(["any", "...any"], ([value, ...indexes]) => elementAt(value, indexes))],
  ["slice", goFunction(["any", "...any"], ([value, ...indexes]) => sliceOf(value, indexes))],
]);

function lengthOf(value: GoValue): bigint {
  // The wording is an accident of Go's, but it is what users find when they search for it.
  if (value === null || value === undefined) throw new Error("reflect: call of reflect.Value.Type on zero Value");
  if (typeof value === "string") return BigInt(new TextEncoder().encode(value).length);
  if (typeof value === "object" && value.kind === "list") return BigInt(value.items.length);
  if (typeof value === "object" && value.kind === "map") return BigInt(value.entries.size);
  throw new Error(`len of type ${typeNameOf(value)}`);
}

function elementAt(value: GoValue, indexes: readonly GoValue[]): GoValue {
  if (value === null || value === undefined) throw new Error("index of untyped nil");
  let element: GoValue = value;
  for (const index of indexes) element = oneElement(element, index);
  return element;
}

function oneElement(value: GoValue, index: GoValue): GoValue {
  if (value === null || value === undefined) throw new Error("index of nil pointer");
  if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    return BigInt(bytes[elementPosition(index, bytes.length, "string")]!);
  }
  if (typeof value === "object" && value.kind === "list")
    return value.items[elementPosition(index, value.items.length, "slice")];
  if (typeof value !== "object" || value.kind !== "map")
    throw new Error(`can't index item of type ${typeNameOf(value)}`);
  if (index === null || index === undefined) throw new Error("value is nil; should be of type string");
  if (typeof index !== "string") throw new Error(`value has type ${typeNameOf(index)}; should be string`);
  return value.entries.has(index) ? value.entries.get(index) : value.zero;
}

/** The position just behind the end passes Go's own check and fails in its reflection, with other words. */
function elementPosition(index: GoValue, length: number, what: "string" | "slice"): number {
  const at = position(index, length);
  if (at === length) throw new Error(`reflect: ${what} index out of range`);
  return at;
}

/** @param max inclusive */
function position(index: GoValue, max: number): number {
  if (index === null || index === undefined) throw new Error("cannot index slice/array with nil");
  if (typeof index !== "bigint") throw new Error(`cannot index slice/array with type ${typeNameOf(index)}`);
  if (index < 0n || index > BigInt(max)) throw new Error(`index out of range: ${index}`);
  return Number(index);
}

function sliceOf(value: GoValue, indexes: readonly GoValue[]): GoValue {
  if (value === null || value === undefined) throw new Error("slice of untyped nil");
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  if (typeof value === "string") {
    if (indexes.length === 3) throw new Error("cannot 3-index slice a string");
    const bytes = new TextEncoder().encode(value);
    const [start, end] = sliceBounds(indexes, bytes.length);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
  }
  if (typeof value !== "object" || value.kind !== "list")
    throw new Error(`can't slice item of type ${typeNameOf(value)}`);
  const [start, end] = sliceBounds(indexes, value.items.length);
  return goList(value.typeName, value.items.slice(start, end));
}

function sliceBounds(indexes: readonly GoValue[], length: number): [number, number] {
  const [start = 0, end = length, capacity = length] = indexes.map((index) => position(index, length));
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new Error(`invalid slice index: ${end} > ${capacity}`);
  return [start, end];
}
