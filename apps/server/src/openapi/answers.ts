import type { Answer, Content } from "./operation.ts";
import type { SchemaName } from "./schemas.ts";

/** JSON of a named schema. */
export function jsonOf(name: SchemaName): Content {
  return { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
}

/** An answer with JSON of a named schema. */
export function answer(description: string, name: SchemaName): Answer {
  return { description, content: jsonOf(name) };
}

/** An error; the text says what stands in it, or when it comes. */
export function problem(description: string): Answer {
  return answer(description, "Problem");
}

/** A required JSON body of a named schema. */
export function bodyOf(name: SchemaName): { readonly required: true; readonly content: Content } {
  return { required: true, content: jsonOf(name) };
}

export const documentNotFoundAnswer = problem(
  "There is no such document, or it belongs to another: `document not found`",
);
export const fileProblems = {
  410: problem("The file is gone from the storage folder: `file missing on disk`"),
  500: problem("The stored file is not what it was, or our own failure"),
} as const;

/** A stored PDF: whole, in part, unchanged, or a part that it does not have. */
export const pdfAnswers = {
  200: { description: "The file", content: pdf(), headers: fileHeaders() },
  206: { description: "The range that was asked for", content: pdf(), headers: fileHeaders() },
  304: { description: "The client has it already", headers: fileHeaders() },
  416: { description: "The range begins behind the end of the file", headers: fileHeaders() },
} as const satisfies Readonly<Record<number, Answer>>;

function pdf(): Content {
  return { "application/pdf": { schema: { type: "string", contentMediaType: "application/pdf" } } };
}

function fileHeaders(): NonNullable<Answer["headers"]> {
  return {
    etag: { description: "SHA-256 of the whole file", schema: { type: "string", pattern: '^"[0-9a-f]{64}"$' } },
  };
}
