import { answer, bodyOf, problem } from "./answers.ts";
import type { Operation } from "./operation.ts";

const textContent = { "text/plain": { schema: { type: "string" } } } as const;

export const systemOperations: Readonly<Record<string, Operation>> = {
  "GET /healthz": {
    tag: "operation",
    summary: "Whether the process answers",
    answers: { 200: answer("It does, with or without its database", "Health") },
  },
  "GET /readyz": {
    tag: "operation",
    summary: "Whether the platform can do its work",
    answers: { 200: answer("It can", "Readiness"), 503: answer("The database is away", "Readiness") },
  },
  "GET /metrics": {
    tag: "operation",
    summary: "Metrics in the text format of Prometheus",
    answers: {
      200: { description: "All of them", content: textContent },
      404: problem("To those who may not read them: `not found`"),
    },
  },
  "GET /api/openapi.json": {
    tag: "operation",
    summary: "This description",
    answers: { 200: answer("OpenAPI 3.1", "OpenApi") },
  },
  "POST /api/load-plugin": {
    tag: "operation",
    summary: "Not supported: nothing that clients send is ever run",
    answers: { 410: problem("`plugin loading is not supported`") },
  },
  "POST /api/rmap-initiate": {
    tag: "rmap",
    summary: "Begin an exchange",
    body: bodyOf("RmapMessage"),
    answers: {
      200: answer("Both nonces, encrypted to the identity", "RmapAnswer"),
      400: problem("`invalid RMAP message`, or what is wrong with the body"),
      503: problem("`RMAP is not configured`, or the database is away"),
    },
  },
  "POST /api/rmap-get-link": {
    tag: "rmap",
    summary: "End an exchange, with the link to a marked copy of one's own",
    body: bodyOf("RmapMessage"),
    answers: {
      200: answer("The link, encrypted to the identity", "RmapLink"),
      400: problem(
        "`nonceServer does not match any pending session`, `invalid RMAP message`, or what is wrong with the body",
      ),
      503: problem("`RMAP is not configured`, or the database is away"),
    },
  },
};

/** Any of the page files. */
export const pageOperation: Operation = {
  tag: "pages",
  summary: "A page, or a file that belongs to one",
  parameters: [{ name: "If-None-Match", in: "header", schema: { type: "string" } }],
  answers: {
    200: {
      description: "The file",
      content: {
        "text/html": { schema: { type: "string" } },
        "text/css": { schema: { type: "string" } },
        "text/javascript": { schema: { type: "string" } },
        "image/svg+xml": { schema: { type: "string" } },
      },
    },
    304: { description: "The client has it already" },
  },
};
