import type { StaticTargetGroup } from "../prometheus/scrape-config.ts";
import { ConfigSource } from "../yaml/config-source.ts";
import { listWithoutEmpty } from "../yaml/fields.ts";
import { openDocument } from "../yaml/open-document.ts";
import { readTargetGroup } from "./read-discovery.ts";

/**
 * Reads the target groups of a file_sd file or of an http_sd answer, YAML or JSON.
 * @param file its path or URL: stands in positions and, with an index, in each group's `source`
 * @throws {ConfigError} with every fault and its place
 */
export function loadTargetGroups(text: string, file: string): readonly StaticTargetGroup[] {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const isEmpty = at?.node.kind === "map" && at.node.entries.size === 0;
  const list = listWithoutEmpty(readTargetGroup, "nil target group item found");
  const groups = at === null || isEmpty ? [] : list(at);
  source.throwFaults();
  return (groups ?? []).map((group, index) => ({ ...group, source: `${file}:${index}` }));
}
