import type { SourcePosition } from "@tatou/model";
import { isMap, isScalar, type Pair, parseDocument, visit, type YAMLMap } from "yaml";
import type { TextFix } from "./finding.ts";
import type { ProjectFiles } from "./project-files.ts";
import { offsetOf } from "./text-place.ts";

/**
 * The edit that moves a label of an alert to its annotations, line and all. Where both stand in blocks, one entry a line,
 * one after the other, it is certain; anything else is left to people.
 */
export function labelToAnnotation(files: ProjectFiles, at: SourcePosition, label: string): TextFix | undefined {
  const text = files.read(at.file);
  const offset = offsetOf(text, at);
  const rule = offset === null ? null : mapAt(text, offset);
  const labels = rule === null ? null : blockOf(rule, "labels");
  const annotations = rule === null ? null : blockOf(rule, "annotations");
  if (labels === null || annotations === null || annotations.map.has(label)) return undefined;
  const entry = labels.map.items.find(({ key }) => isScalar(key) && key.value === label);
  const first = annotations.map.items[0];
  if (entry === undefined || first === undefined) return undefined;
  const line = lineOf(text, entry);
  const target = lineOf(text, first);
  if (line === null || target === null || line.end > target.start) return undefined;
  // A block that would be left empty goes with its last entry, but no comment and no anchor goes with it.
  const from = labels.map.items.length === 1 ? lineStart(text, labels.keyStart) : line.start;
  if (!/^(?:labels:)?$/.test(text.slice(from, line.start).trim())) return undefined;
  const kept = text.slice(line.end, target.start);
  const moved = `${target.indent}${text.slice(line.start + line.indent.length, line.end)}`;
  return { file: at.file, start: from, end: target.start, text: `${kept}${moved}` };
}

function mapAt(text: string, offset: number): YAMLMap | null {
  const document = parseDocument(text);
  let found: YAMLMap | null = null;
  visit(document, {
    Map(_key, node) {
      if (node.range?.[0] !== offset) return undefined;
      found = node;
      return visit.BREAK;
    },
  });
  return found;
}

function blockOf(rule: YAMLMap, name: string): { readonly map: YAMLMap; readonly keyStart: number } | null {
  const pair = rule.items.find(({ key }) => isScalar(key) && key.value === name);
  const keyStart = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  if (pair === undefined || keyStart === undefined || !isMap(pair.value) || pair.value.flow === true) return null;
  return { map: pair.value, keyStart };
}

interface Line {
  readonly start: number;
  /** Behind the line break. */
  readonly end: number;
  readonly indent: string;
}

/** The line of an entry that has one to itself. */
function lineOf(text: string, { key, value }: Pair): Line | null {
  const start = isScalar(key) ? key.range?.[0] : undefined;
  const valueEnd = isScalar(value) ? value.range?.[1] : undefined;
  if (start === undefined || valueEnd === undefined) return null;
  const begin = lineStart(text, start);
  const lineBreak = text.indexOf("\n", start);
  const indent = text.slice(begin, start);
  if (lineBreak === -1 || valueEnd > lineBreak || indent.trim() !== "") return null;
  return { start: begin, end: lineBreak + 1, indent };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}
