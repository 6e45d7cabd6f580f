import { answer, bodyOf, documentNotFoundAnswer, fileProblems, pdfAnswers, problem } from "./answers.ts";
import { fileParameters } from "./document-operations.ts";
import type { Operation } from "./operation.ts";
import { linkSchema } from "./schemas.ts";

export const versionOperations: Readonly<Record<string, Operation>> = {
  "GET /api/list-versions": {
    tag: "versions",
    summary: "The versions of one of the caller's documents",
    isAboutDocument: true,
    answers: {
      200: answer("All of them; none for a document that is missing or another's", "Versions"),
      400: problem("`document id required`"),
    },
  },
  "GET /api/list-all-versions": {
    tag: "versions",
    summary: "The versions of all of the caller's documents",
    answers: { 200: answer("All of them", "Versions") },
  },
  "GET /api/get-version/:link": {
    tag: "versions",
    summary: "Download a marked copy",
    description: "Needs no token: whoever knows the link has the copy. A body is passed over. Misses are limited.",
    parameters: [{ name: "link", in: "path", required: true, schema: linkSchema }, ...fileParameters],
    answers: {
      ...pdfAnswers,
      404: problem("Malformed, unknown, expired or deleted: `document not found`"),
      ...fileProblems,
    },
  },
  "POST /api/create-watermark": {
    tag: "watermarks",
    summary: "Make a marked copy of a document, with a new link",
    isAboutDocument: true,
    body: bodyOf("NewVersion"),
    answers: {
      201: answer("The copy", "CreatedVersion"),
      400: problem(
        "A field is missing or malformed, or `code` is unknown_method, not_applicable, or why the file was refused",
      ),
      404: documentNotFoundAnswer,
      413: problem("`storage quota exceeded`, or a body that is too large"),
      ...fileProblems,
    },
  },
  "POST /api/read-watermark": {
    tag: "watermarks",
    summary: "Read the secret out of a document",
    isAboutDocument: true,
    body: bodyOf("MarkReading"),
    answers: {
      201: answer("The secret, and the caller's version that carries it", "ReadMark"),
      400: problem(
        "A field is missing or malformed, or `code` is unknown_method, secret_not_found, invalid_key, disagreement, or why the file was refused",
      ),
      404: documentNotFoundAnswer,
      ...fileProblems,
    },
  },
  "GET /api/get-watermarking-methods": {
    tag: "watermarks",
    summary: "The methods there are",
    answers: { 200: answer("All of them", "Methods") },
  },
};
