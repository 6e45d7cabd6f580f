import type { TemplatePlace } from "../errors.ts";

/** A text to parse: what the user wrote, and what stands in front of it unseen. */
export interface TemplateSource {
  /** As error messages call it. */
  readonly name: string;
  /** The prelude and the user's text. */
  readonly text: string;
  /** How much of the text is prelude; places are told relative to its end. */
  readonly preludeLength: number;
}

/** `name:line:column` as Go tells it: the column counts bytes from 0, and the prelude counts. */
export function goLocation(source: TemplateSource, offset: number): string {
  const before = source.text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const columnBytes = new TextEncoder().encode(before.slice(lineStart)).length;
  return `${source.name}:${countLines(before)}:${columnBytes}`;
}

/** A span of the whole text as a place in the user's part of it. */
export function placeOf(source: TemplateSource, start: number, end: number): TemplatePlace {
  const userText = source.text.slice(source.preludeLength);
  const span = {
    start: Math.max(0, start - source.preludeLength),
    end: Math.max(0, end - source.preludeLength),
  };
  const before = userText.slice(0, span.start);
  return { span, line: countLines(before), column: span.start - before.lastIndexOf("\n") };
}

function countLines(text: string): number {
  return text.split("\n").length;
}
