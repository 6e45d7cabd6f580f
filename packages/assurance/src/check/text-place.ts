/** From lines and columns back to the very characters of a file, and edits that touch no others. */
import type { RuleExpression } from "@tatou/config";
import type { SourcePosition, Span } from "@tatou/model";
import type { TextFix } from "./finding.ts";
import type { ProjectFiles } from "./project-files.ts";

/** The place in the file of a part of an expression. */
export function positionIn({ text, position }: RuleExpression, { start }: Pick<Span, "start">): SourcePosition {
  const before = text.slice(0, start).split("\n");
  // Every line of a literal block begins in the column of the first.
  return { ...position, line: position.line + before.length - 1, column: position.column + before.at(-1)!.length };
}

/** Where a line and column stand in a text; null when it has no such place. */
export function offsetOf(text: string, { line, column }: Pick<SourcePosition, "line" | "column">): number | null {
  let start = 0;
  for (let count = 1; count < line; count++) {
    const end = text.indexOf("\n", start);
    if (end === -1) return null;
    start = end + 1;
  }
  const offset = start + column - 1;
  return offset <= text.length ? offset : null;
}

/** A part of an expression that stands in its file letter by letter. */
export interface ExpressionPart {
  readonly source: RuleExpression;
  readonly span: Pick<Span, "start" | "end">;
}

/**
 * Writes another word for the only place of a part where it stands.
 * @returns undefined when the file spells the part differently (escaped, folded), or the word stands there not once
 */
export function wordFix(files: ProjectFiles, part: ExpressionPart, edit: WordEdit): TextFix | undefined {
  const { source, span } = part;
  const { file } = source.position;
  const text = files.read(file);
  const start = offsetOf(text, positionIn(source, span));
  const written = source.text.slice(span.start, span.end);
  if (start === null || text.slice(start, start + written.length) !== written) return undefined;
  return wordFixBetween(file, { text, start, end: start + written.length }, edit);
}

export interface WordEdit {
  readonly from: string;
  readonly to: string;
}

interface TextPart {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const wordCharacter = /[A-Za-z0-9_:]/;

/** The same between two places of a file. */
export function wordFixBetween(
  file: string,
  { text, start, end }: TextPart,
  { from, to }: WordEdit,
): TextFix | undefined {
  let found: number | null = null;
  for (let at = text.indexOf(from, start); at !== -1 && at + from.length <= end; at = text.indexOf(from, at + 1)) {
    if (wordCharacter.test(text[at - 1] ?? "") || wordCharacter.test(text[at + from.length] ?? "")) continue;
    if (found !== null) return undefined;
    found = at;
  }
  return found === null ? undefined : { file, start: found, end: found + from.length, text: to };
}

/** For spreading into a finding: nothing when there is no certain cure. */
export function withFix(fix: TextFix | undefined): { readonly fix?: TextFix } {
  return fix === undefined ? {} : { fix };
}
