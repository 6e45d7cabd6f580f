/** One value by one directive, as Go's fmt prints it. */
import { compareStrings, quote } from "@tatou/model";
import { TemplateLimitError } from "../errors.ts";
import { formatGoDuration } from "../values/go-duration.ts";
import { formatGoTime } from "../values/go-time.ts";
import { type GoValue, sortedKeys, typeNameOf } from "../values/go-value.ts";
import type { Directive } from "./directive.ts";
import { plainDirective } from "./directive.ts";
import { pad, scalarText } from "./scalar-format.ts";
import type { TextBuffer } from "./text-buffer.ts";

/** Lists in lists in lists: deeper than data ever is, and shallower than the stack. */
const depthMax = 100;

/** @throws {TemplateLimitError} the text grows too long, or the value is nested too deeply */
export function formatValue(out: TextBuffer, value: GoValue, directive: Directive): void {
  if (directive.verb === "T") out.write(pad(typeNameOf(value), directive));
  else new ValueWriter(out, directive).write(value, 0);
}

class ValueWriter {
  readonly #out: TextBuffer;
  readonly #directive: Directive;
  /** %#v: Go syntax. */
  readonly #isGoSyntax: boolean;

  constructor(out: TextBuffer, directive: Directive) {
    this.#out = out;
    this.#directive = directive;
    this.#isGoSyntax = directive.verb === "v" && directive.sharp;
  }

  write(value: GoValue, depth: number): void {
    if (depth > depthMax) throw new TemplateLimitError(`value is nested deeper than ${depthMax}`);
    const { verb } = this.#directive;
    if (value === null || value === undefined) return this.#writeNil(depth);
    if (typeof value !== "object") return this.#writeScalar(value);
    const text = verb === "v" || "sxXq".includes(verb) ? stringOf(value, this.#isGoSyntax) : null;
    if (text !== null) return this.#writeScalar(text);
    switch (value.kind) {
      case "html":
        return this.#writeScalar(value.text);
      case "duration":
        return this.#writeScalar(BigInt(Math.round(value.durationMs * 1e6)));
      case "list":
        return this.#writeList(value.typeName, value.items, depth);
      case "map": {
        const keys = sortedKeys(value, compareStrings);
        const pairs = keys.map((key): [string, GoValue] => [key, value.entries.get(key)]);
        return this.#writePairs({ typeName: value.typeName, pairs, isMap: true, depth });
      }
      case "struct":
        return this.#writePairs({ typeName: value.typeName, pairs: [...value.fields], isMap: false, depth });
      case "time":
      case "function":
        return this.#out.write(badVerb(verb, typeNameOf(value), typeNameOf(value)));
    }
  }

  #writeNil(depth: number): void {
    if (this.#isGoSyntax) this.#out.write(depth === 0 ? "<nil>" : "interface {}(nil)");
    else
      this.#out.write(
        this.#directive.verb === "v" ? pad("<nil>", this.#directive) : `%!${this.#directive.verb}(<nil>)`,
      );
  }

  #writeScalar(value: boolean | bigint | number | string): void {
    if (this.#isGoSyntax && typeof value === "string") return this.#out.write(quote(value));
    const text = scalarText(value, this.#directive);
    if (text !== null) return this.#out.write(text);
    this.#out.write(badVerb(this.#directive.verb, typeNameOf(value), scalarText(value, plainDirective) ?? ""));
  }

  #writeList(typeName: string, items: readonly GoValue[], depth: number): void {
    this.#out.write(this.#isGoSyntax ? `${typeName}{` : "[");
    for (const [index, item] of items.entries()) {
      if (index > 0) this.#out.write(this.#isGoSyntax ? ", " : " ");
      this.write(item, depth + 1);
    }
    this.#out.write(this.#isGoSyntax ? "}" : "]");
  }

  #writePairs(group: { typeName: string; pairs: [string, GoValue][]; isMap: boolean; depth: number }): void {
    const { isMap } = group;
    this.#out.write(this.#isGoSyntax ? `${group.typeName}{` : isMap ? "map[" : "{");
    for (const [index, [name, item]] of group.pairs.entries()) {
      if (index > 0) this.#out.write(this.#isGoSyntax ? ", " : " ");
      if (isMap) this.write(name, group.depth + 1);
      else if (this.#directive.plus || this.#isGoSyntax) this.#out.write(name);
      if (isMap || this.#directive.plus || this.#isGoSyntax) this.#out.write(":");
      this.write(item, group.depth + 1);
    }
    this.#out.write(this.#isGoSyntax ? "}" : isMap ? "]" : "}");
  }
}

/** The text of a value that has a String method, or of marked HTML. */
function stringOf(value: Extract<GoValue, object>, isGoSyntax: boolean): string | null {
  if (value.kind === "html") return value.text;
  if (isGoSyntax) return null;
  if (value.kind === "time") return formatGoTime(value);
  if (value.kind === "duration") return formatGoDuration(value);
  if (value.kind === "function") return null;
  const text = value.methods.get("String")?.call([], noRun);
  return typeof text === "string" ? text : null;
}

/** String methods take nothing and compute at once. */
const noRun = { signal: undefined, textLengthMax: 1_000_000, spend: () => undefined };

function badVerb(verb: string, typeName: string, text: string): string {
  return `%!${verb}(${typeName}=${text})`;
}
