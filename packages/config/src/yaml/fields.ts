import { nearestName, type SourcePosition } from "@tatou/model";
import type { ConfigSource } from "./config-source.ts";
import type { YamlNode } from "./yaml-node.ts";

/** A value of a file with its place and the path of keys that leads to it. */
export interface Located {
  readonly source: ConfigSource;
  /** Such as scrape_configs[2].job_name; "" is the whole file. */
  readonly path: string;
  readonly node: YamlNode;
}

/** Reads one value; when it is wrong, tells the source and gives undefined. */
export type Decode<T> = (at: Located) => T | undefined;

/** Says that a value is wrong: `Cannot load <path>: <reason>`. */
export function fault(at: Located, reason: string, hint?: string): undefined {
  const subject = at.path === "" ? at.source.file : at.path;
  at.source.fault(at.node.offset, `Cannot load ${subject}: ${reason}`, hint);
  return undefined;
}

export function positionOf(at: Located): SourcePosition {
  return at.source.position(at.node.offset);
}

/** What was found, for messages. */
export function found(node: YamlNode): string {
  switch (node.kind) {
    case "scalar":
      return JSON.stringify(node.text.length > 60 ? `${node.text.slice(0, 60)}...` : node.text);
    case "null":
      return "nothing";
    case "map":
      return "a map";
    case "list":
      return "a list";
  }
}

/**
 * Reads a map by its keys; every key that `read` did not ask for is a fault, unless it says otherwise.
 * An empty value (`key:`) is undefined without a fault, as Go leaves a nil pointer.
 */
export function readFields<T>(at: Located, read: (fields: Fields) => T): T | undefined {
  if (at.node.kind === "null") return undefined;
  if (at.node.kind !== "map") return fault(at, `found ${found(at.node)}, expected a map`);
  const fields = new Fields(at, at.node.entries);
  const result = read(fields);
  fields.judgeUnknown();
  return result;
}

/** The keys of one map, asked for one by one. */
export class Fields {
  readonly at: Located;
  readonly #entries: (Located["node"] & { kind: "map" })["entries"];
  readonly #known = new Set<string>();
  #unknownAre: "faults" | "warnings" | "accepted" = "faults";

  constructor(at: Located, entries: (Located["node"] & { kind: "map" })["entries"]) {
    this.at = at;
    this.#entries = entries;
  }

  /** The value under a key, or undefined when it is not there or wrong. */
  get<T>(key: string, decode: Decode<T>): T | undefined {
    const value = this.value(key);
    return value === undefined ? undefined : decode(value);
  }

  /** The place of a key's value; undefined when the key is not there. */
  value(key: string): Located | undefined {
    this.#known.add(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const path = this.at.path === "" ? key : `${this.at.path}.${key}`;
    return { source: this.at.source, path, node: entry.value };
  }

  has(key: string): boolean {
    this.#known.add(key);
    return this.#entries.has(key);
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  keyPosition(key: string): SourcePosition {
    return this.at.source.position(this.#entries.get(key)?.keyOffset ?? this.at.node.offset);
  }

  /** A fault of the whole map, or of one of its keys when that is there. */
  fault(reason: string, key?: string): undefined {
    return fault((key === undefined ? undefined : this.value(key)) ?? this.at, reason);
  }

  /** For maps whose keys we do not all know. */
  acceptUnknown(): void {
    this.#unknownAre = "accepted";
  }

  /** For files of a program that ignores keys it does not know, where a slip of the keyboard is still to be seen. */
  warnOfUnknown(): void {
    this.#unknownAre = "warnings";
  }

  judgeUnknown(): void {
    if (this.#unknownAre === "accepted") return;
    for (const [key, entry] of this.#entries) {
      if (this.#known.has(key)) continue;
      const known = [...this.#known];
      const similar = nearestName(key, known);
      const hint = similar === null ? `Known keys: ${known.sort().join(", ")}` : `Did you mean "${similar}"?`;
      const place = this.at.path === "" ? this.at.source.file : this.at.path;
      if (this.#unknownAre === "warnings")
        this.at.source.warn(entry.keyOffset, `Ignored in ${place}: the key ${key}, which has no effect here`, hint);
      else {
        const reason = `field ${key} not found, expected one of its known keys`;
        this.at.source.fault(entry.keyOffset, `Cannot load ${place}: ${reason}`, hint);
      }
    }
  }
}

/** A list whose items are all right; wrong ones are left out and told. */
export function listOf<T>(decode: Decode<T>): Decode<readonly T[]> {
  return (at) => {
    if (at.node.kind === "null") return [];
    if (at.node.kind !== "list") return fault(at, `found ${found(at.node)}, expected a list`);
    const items: T[] = [];
    at.node.items.forEach((node, index) => {
      const item = decode({ source: at.source, path: `${at.path}[${index}]`, node });
      if (item !== undefined) items.push(item);
    });
    return items;
  };
}

/** As listOf, but an empty item (`-`) is a fault with this wording. */
export function listWithoutEmpty<T>(decode: Decode<T>, reason: string): Decode<readonly T[]> {
  return listOf((at) => (at.node.kind === "null" ? fault(at, reason) : decode(at)));
}

/** A map from any key to values of one kind. */
export function mapOf<T>(decode: Decode<T>): Decode<Readonly<Record<string, T>>> {
  return (at) => {
    // A null prototype keeps a key called "__proto__" an ordinary key.
    const record: Record<string, T> = Object.create(null);
    if (at.node.kind === "null") return record;
    if (at.node.kind !== "map") return fault(at, `found ${found(at.node)}, expected a map`);
    for (const [key, entry] of at.node.entries) {
      const value = decode({ source: at.source, path: `${at.path}.${key}`, node: entry.value });
      if (value !== undefined) record[key] = value;
    }
    return record;
  };
}
