import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, Scalar, type YAMLMap } from "yaml";
import { composeDocuments, YamlLimitError } from "./compose-documents.ts";
import type { ConfigSource } from "./config-source.ts";

/**
 * A YAML file as the loaders read it: aliases and merge keys resolved, scalars as written. What a scalar means is
 * decided by the key it stands under (`version: 1.10` is a text there and a number elsewhere), as Go's decoder does.
 */
export type YamlNode =
  | YamlScalar
  | { readonly kind: "null"; readonly text: string; readonly offset: number }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, YamlEntry>; readonly offset: number }
  | { readonly kind: "list"; readonly items: readonly YamlNode[]; readonly offset: number };

export interface YamlScalar {
  readonly kind: "scalar";
  readonly text: string;
  /** Without quotes or block sign: only such a scalar can be a number or a truth value. */
  readonly plain: boolean;
  readonly offset: number;
  /** Where its first character stands, behind the quote or the line of the block sign. */
  readonly textOffset: number;
}

export interface YamlEntry {
  readonly keyOffset: number;
  readonly value: YamlNode;
}

/** After aliases are resolved: what a file of the largest size can hold without them, roughly. */
const nodeCountMax = 500_000;
const depthMax = 100;

const nullTexts = new Set(["", "~", "null", "Null", "NULL"]);
const allowedTags = new Set(["tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"]);

/** Reads the one document of a file. On a fault it tells the source and gives null. */
export function parseYaml(text: string, source: ConfigSource): YamlNode | null {
  try {
    const documents = composeDocuments(text);
    const errors = documents.flatMap((document) => document.errors).slice(0, errorCountMax);
    for (const error of errors)
      source.fault(error.pos[0], `Cannot read ${source.file}: ${error.message}`, yamlHint(error.message));
    const second = documents.slice(1).find(({ contents }) => contents !== null && !isEmptyScalar(contents));
    if (second !== undefined) refuseSecond(second.range[0], source);
    if (errors.length > 0 || second !== undefined) return null;
    return new NodeReader(source, text).read(documents[0]?.contents ?? emptyDocument);
  } catch (error) {
    if (!(error instanceof YamlLimitError)) throw error;
    source.fault(error.offset, `Cannot read ${source.file}: ${error.message}`);
    return null;
  }
}

/** One slip of indentation makes many errors; the first ones lead to it. */
const errorCountMax = 10;

/** Readers differ on what a second document means, and most pass over it without a word. */
function refuseSecond(offset: number, source: ConfigSource): void {
  const hint = "Move what follows --- to a file of its own";
  source.fault(offset, `Cannot read ${source.file}: found a second document, expected one`, hint);
}

interface EmptyDocument {
  readonly empty: true;
}
const emptyDocument: EmptyDocument = { empty: true };

function isEmptyScalar(node: ParsedNode): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN && node.source === "";
}

function yamlHint(message: string): string | undefined {
  if (message.includes("Tabs")) return "Indent with spaces: YAML allows no tabs";
  if (message.includes("Nested mappings")) return "Quote values that hold a colon and a space";
  return undefined;
}

/** Turns the library's nodes into ours and holds the limits while doing so. */
class NodeReader {
  readonly #source: ConfigSource;
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  #nodeCount = 0;
  #failed = false;

  constructor(source: ConfigSource, text: string) {
    this.#source = source;
    this.#text = text;
  }

  read(document: ParsedNode | EmptyDocument): YamlNode | null {
    if ("empty" in document) return { kind: "null", text: "", offset: 0 };
    const node = this.#convert(document, 0);
    return this.#failed ? null : node;
  }

  #convert(node: Node | null, depth: number): YamlNode {
    const offset = node?.range?.[0] ?? 0;
    const nothing: YamlNode = { kind: "null", text: "", offset };
    if (this.#failed || node === null) return nothing;
    this.#nodeCount++;
    if (depth > depthMax) return this.#fail(offset, `nested deeper than ${depthMax} levels`);
    if (this.#nodeCount > nodeCountMax)
      return this.#fail(offset, `more than ${nodeCountMax} values once aliases are resolved`);
    if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      return target === undefined
        ? this.#fail(offset, `unknown anchor "${node.source}"`)
        : this.#convert(target, depth + 1);
    }
    if (isScalar(node)) return this.#scalar(node, offset);
    if (isSeq(node))
      return { kind: "list", items: node.items.map((item) => this.#convert(item as Node, depth + 1)), offset };
    if (isMap(node)) return this.#map(node, depth, offset);
    return nothing;
  }

  #scalar(node: Scalar, offset: number): YamlNode {
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    if (node.tag !== undefined && !allowedTags.has(node.tag)) return this.#fail(offset, `unsupported tag ${node.tag}`);
    const plain = node.type === Scalar.PLAIN && node.tag === undefined;
    if (plain && nullTexts.has(text)) return { kind: "null", text, offset };
    return { kind: "scalar", text, plain, offset, textOffset: this.#textOffset(node, offset) };
  }

  #textOffset(node: Scalar, offset: number): number {
    switch (node.type) {
      case Scalar.QUOTE_DOUBLE:
      case Scalar.QUOTE_SINGLE:
        return offset + 1;
      case Scalar.BLOCK_LITERAL:
      case Scalar.BLOCK_FOLDED:
        return this.#firstInBlock(offset);
      default:
        return offset;
    }
  }

  /** Behind the line of the block sign and the blanks that indent the text. */
  #firstInBlock(offset: number): number {
    const lineEnd = this.#text.indexOf("\n", offset);
    if (lineEnd === -1) return offset;
    let position = lineEnd + 1;
    while (/\s/.test(this.#text[position] ?? "")) position++;
    return position;
  }

  #map(node: YAMLMap, depth: number, offset: number): YamlNode {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlNode[] = [];
    for (const pair of node.items) {
      const key = this.#convert(pair.key as Node | null, depth + 1);
      if (this.#failed) break;
      if (key.kind === "map" || key.kind === "list") return this.#fail(key.offset, "expected a text as key");
      const value = this.#convert(pair.value as Node | null, depth + 1);
      // A key without anything after it has no node of its own to point at.
      const placed: YamlNode = pair.value === null ? { kind: "null", text: "", offset: key.offset } : value;
      if (key.kind === "scalar" && key.plain && key.text === "<<") merged.push(placed);
      else if (entries.has(key.text)) this.#duplicate(key.offset, key.text);
      else entries.set(key.text, { keyOffset: key.offset, value: placed });
    }
    for (const from of merged) this.#merge(entries, from);
    return { kind: "map", entries, offset };
  }

  /** What stands in the map itself wins over what is merged in; the first merged map wins over the next. */
  #merge(entries: Map<string, YamlEntry>, from: YamlNode): void {
    if (from.kind === "list") for (const item of from.items) this.#merge(entries, item);
    else if (from.kind === "map") {
      for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, entry);
    } else this.#fail(from.offset, "map merge requires map or sequence of maps as the value");
  }

  #duplicate(offset: number, key: string): void {
    this.#fail(offset, `key ${JSON.stringify(key)} already set in map`);
  }

  #fail(offset: number, reason: string): YamlNode {
    if (!this.#failed) this.#source.fault(offset, `Cannot read ${this.#source.file}: ${reason}`);
    this.#failed = true;
    return { kind: "null", text: "", offset };
  }
}
