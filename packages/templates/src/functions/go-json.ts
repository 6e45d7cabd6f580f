/** As Go's json.Marshal writes a value. */
import { formatFloatJson } from "@tatou/kernels";
import { compareStrings } from "@tatou/model";
import { TemplateLimitError } from "../errors.ts";
import { TextBuffer } from "../format/text-buffer.ts";
import { formatRfc3339 } from "../values/go-time.ts";
import { type GoValue, sortedKeys, typeNameOf } from "../values/go-value.ts";

const depthMax = 100;

/** @throws {Error} a value has no JSON form; @throws {TemplateLimitError} the text grows too long */
export function goJson(value: GoValue, lengthMax: number): string {
  const out = new TextBuffer(lengthMax);
  write(out, value, 0);
  return out.toString();
}

function write(out: TextBuffer, value: GoValue, depth: number): void {
  if (depth > depthMax) throw new TemplateLimitError(`value is nested deeper than ${depthMax}`);
  if (value === null || value === undefined) return out.write("null");
  if (typeof value === "string") return out.write(jsonString(value));
  if (typeof value === "number") return out.write(jsonNumber(value));
  if (typeof value !== "object") return out.write(String(value));
  switch (value.kind) {
    case "html":
      return out.write(jsonString(value.text));
    case "time":
      return out.write(`"${formatRfc3339(value)}"`);
    case "duration":
      return out.write(String(Math.round(value.durationMs * 1e6)));
    case "list":
      return writeAll(out, "[]", value.items, (item) => write(out, item, depth + 1));
    case "map":
      return writeAll(out, "{}", sortedKeys(value, compareStrings), (key) => {
        out.write(`${jsonString(key)}:`);
        write(out, value.entries.get(key), depth + 1);
      });
    case "struct":
      return writeAll(out, "{}", [...value.fields], ([name, field]) => {
        out.write(`${jsonString(value.jsonNames.get(name) ?? name)}:`);
        write(out, field, depth + 1);
      });
    case "function":
      throw new Error(`json: unsupported type: ${typeNameOf(value)}`);
  }
}

// oxlint-disable-next-line max-params -- a helper of one file
function writeAll<T>(out: TextBuffer, brackets: "[]" | "{}", items: readonly T[], writeItem: (item: T) => void): void {
  out.write(brackets[0]!);
  for (const [index, item] of items.entries()) {
    if (index > 0) out.write(",");
    writeItem(item);
  }
  out.write(brackets[1]!);
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${formatFloatJson(value)}`);
  return formatFloatJson(value);
}

/** Go also escapes what HTML or JavaScript could take for their own. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
