import { lineAndColumn, type SourcePosition } from "@tatou/model";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";

/** What a file of monitoring/drills says about alerts; what it does to the platform is not looked at. */
export interface DrillFile {
  readonly id: string;
  readonly position: SourcePosition;
  /** The alerts that it must make fire. */
  readonly expected: readonly NamedAlert[];
  /** The alerts that must stay silent; those that "all" stands for are not among them. */
  readonly quiet: readonly NamedAlert[];
}

export interface NamedAlert {
  readonly alert: string;
  readonly position: SourcePosition;
}

/**
 * Reads the parts of a drill that name alerts.
 * @returns null when the file is no drill
 * @throws {SyntaxError} the text is no YAML
 */
export function readDrillFile(text: string, file: string): DrillFile | null {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new SyntaxError(error.message);
  const at = (offset: number): SourcePosition => ({ file, ...lineAndColumn(text, offset) });
  const id: unknown = isMap(document.contents) ? document.contents.get("drill", true) : null;
  if (!isScalar(id) || typeof id.value !== "string") return null;
  const alertsOf = (key: string): readonly NamedAlert[] => {
    const list = document.get(key);
    if (!isSeq(list)) return [];
    return list.items.flatMap((item) => {
      const node: unknown = isMap(item) ? item.get("alert", true) : item;
      return isScalar(node) && typeof node.value === "string"
        ? [{ alert: node.value, position: at(node.range?.[0] ?? 0) }]
        : [];
    });
  };
  return { id: id.value, position: at(id.range?.[0] ?? 0), expected: alertsOf("expect"), quiet: alertsOf("quiet") };
}
