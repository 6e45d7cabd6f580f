import type { ConfigSource } from "./config-source.ts";
import type { Located } from "./fields.ts";
import { parseYaml } from "./yaml-node.ts";

/** The whole file as a value to read; an empty file is a map without keys. Null after a fault, which the source knows. */
export function openDocument(source: ConfigSource, text: string): Located | null {
  const node = parseYaml(text, source);
  if (node === null) return null;
  return { source, path: "", node: node.kind === "null" ? { kind: "map", entries: new Map(), offset: 0 } : node };
}
