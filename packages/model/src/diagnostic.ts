/** [start, end) in UTF-16 code units of the text that was read. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in a file; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What an error, a warning or a finding tells: drawn alike by API, CLI and UI. */
export interface Diagnostic {
  /** Stable, snake_case; tests and callers switch on it. */
  readonly code: string;
  /** Cannot <do what>: <what was found>, expected <what would do> */
  readonly message: string;
  /** An instruction: what to do about it. */
  readonly hint?: string;
  /** Where in the text that was given. */
  readonly span?: Span;
  /** Where in the files that were read. */
  readonly position?: SourcePosition;
}

/** Line and column (from 1) of an offset in a text. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  let line = 1;
  for (let index = 0; index < before.length; index++) if (before.charCodeAt(index) === 10) line++;
  return { line, column: offset - lastBreak };
}

/**
 * The three-line form for terminals: message, the line with a caret under the span, the hint.
 * @param text the text the span points into; without it only message, position and hint are drawn
 */
export function formatDiagnostic(diagnostic: Diagnostic, text?: string): string {
  const lines: string[] = [];
  const { position, span } = diagnostic;
  const place = position === undefined ? "" : `${position.file}:${position.line}:${position.column}: `;
  lines.push(`${place}${diagnostic.message}`);
  if (text !== undefined && span !== undefined) lines.push(...drawSpan(text, span));
  if (diagnostic.hint !== undefined) lines.push(`  ${diagnostic.hint}`);
  return lines.join("\n");
}

function drawSpan(text: string, span: Span): string[] {
  const { line, column } = lineAndColumn(text, span.start);
  const sourceLine = text.split("\n")[line - 1] ?? "";
  const place = `  ${line}:${column}  `;
  const width = Math.max(1, Math.min(span.end - span.start, sourceLine.length - column + 1));
  return [`${place}${sourceLine}`, `${" ".repeat(place.length + column - 1)}${"^".repeat(width)}`];
}
