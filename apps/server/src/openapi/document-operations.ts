import { answer, documentNotFoundAnswer, fileProblems, jsonOf, pdfAnswers, problem } from "./answers.ts";
import type { Operation, Parameter } from "./operation.ts";

export const fileParameters: readonly Parameter[] = [
  { name: "Range", in: "header", description: "One range of bytes", schema: { type: "string" } },
  { name: "If-None-Match", in: "header", schema: { type: "string" } },
  { name: "If-Range", in: "header", schema: { type: "string" } },
];

const idProblem = problem("`document id required`, or a body that is no JSON object");

const deletion: Operation = {
  tag: "documents",
  summary: "Delete a document with its versions, their files and links",
  isAboutDocument: true,
  body: { required: false, content: jsonOf("DocumentChoice") },
  answers: { 200: answer("It is gone", "Deletion"), 400: idProblem, 404: documentNotFoundAnswer },
};

export const documentOperations: Readonly<Record<string, Operation>> = {
  "POST /api/upload-document": {
    tag: "documents",
    summary: "Upload a PDF",
    description: "Checked while it is received, then parsed with limits; `code` in a refusal tells what was wrong.",
    body: {
      required: true,
      content: { "multipart/form-data": { schema: { $ref: "#/components/schemas/Upload" } } },
    },
    answers: {
      201: answer("The document", "Document"),
      400: problem("`file is required (multipart/form-data)`, `empty filename`, or a broken form"),
      413: problem("`file is too large`, or `storage quota exceeded`"),
      415: problem("`only PDF files are accepted`"),
    },
  },
  "GET /api/list-documents": {
    tag: "documents",
    summary: "The caller's documents, newest first",
    answers: { 200: answer("All of them", "Documents") },
  },
  "GET /api/get-document": {
    tag: "documents",
    summary: "Download a document",
    isAboutDocument: true,
    parameters: fileParameters,
    answers: { ...pdfAnswers, 400: idProblem, 404: documentNotFoundAnswer, ...fileProblems },
  },
  "POST /api/delete-document": deletion,
  "DELETE /api/delete-document": deletion,
  "DELETE /api/delete-document/:document_id": deletion,
};
