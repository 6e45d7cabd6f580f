import { fieldName, renamed } from "../frame/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { rowCount } from "../frame/frame.ts";

type Cell = number | string | null;

/**
 * Puts the rows of all frames into one table. Rows that agree in every column they share, and in which no cell would be
 * overwritten, become one.
 */
export function mergeFrames(frames: readonly Frame[]): Frame[] {
  const first = frames[0];
  if (first === undefined || frames.length === 1) return [...frames];
  const columns = new Map<string, Field>();
  for (const frame of frames)
    for (const field of frame.fields) if (!columns.has(fieldName(field))) columns.set(fieldName(field), field);
  const shared = [...columns.keys()].filter((name) => frames.every((frame) => hasColumn(frame, name)));
  const rows = mergedRows(frames, shared);
  const fields = [...columns].map(([name, field]) => ({
    ...renamed(field, name),
    values: rows.map((row) => row.get(name) ?? null),
  }));
  return [{ refId: first.refId, fields }];
}

function mergedRows(frames: readonly Frame[], shared: readonly string[]): Map<string, Cell>[] {
  const rows: Map<string, Cell>[] = [];
  const byKey = new Map<string, Map<string, Cell>[]>();
  for (const frame of frames)
    for (let index = 0; index < rowCount(frame); index++) {
      const row = new Map(frame.fields.map((field): [string, Cell] => [fieldName(field), field.values[index] ?? null]));
      const key = JSON.stringify(shared.map((name) => row.get(name) ?? null));
      const candidates = byKey.get(key) ?? [];
      const partner = shared.length === 0 ? undefined : candidates.find((candidate) => canJoin(candidate, row));
      if (partner === undefined) {
        rows.push(row);
        byKey.set(key, [...candidates, row]);
      } else for (const [name, cell] of row) partner.set(name, cell);
    }
  return rows;
}

function canJoin(left: ReadonlyMap<string, Cell>, right: ReadonlyMap<string, Cell>): boolean {
  for (const [name, cell] of right) if (left.has(name) && left.get(name) !== cell) return false;
  return true;
}

function hasColumn(frame: Frame, name: string): boolean {
  return frame.fields.some((field) => fieldName(field) === name);
}
