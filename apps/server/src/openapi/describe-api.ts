/** Puts the description of the interface together from the routes there are; a route that is not described is a defect. */
import { assert } from "@tatou/model";
import type { Route } from "../http/routes.ts";
import { version } from "../version.ts";
import { accountOperations } from "./account-operations.ts";
import { problem } from "./answers.ts";
import { documentOperations } from "./document-operations.ts";
import { type Answer, type Operation, type Parameter, tags } from "./operation.ts";
import { idTextSchema, schemas } from "./schemas.ts";
import { pageOperation, systemOperations } from "./system-operations.ts";
import { versionOperations } from "./version-operations.ts";

/** By method and the first path of a route. */
const operations: Readonly<Record<string, Operation>> = {
  ...systemOperations,
  ...accountOperations,
  ...documentOperations,
  ...versionOperations,
};

/** One operation as OpenAPI writes it. */
export interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Operation["body"];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, Answer>>;
}

export type DescribedMethod = "get" | "head" | "post" | "delete" | "options";
export type DescribedPath = Readonly<Partial<Record<DescribedMethod, DescribedOperation>>>;

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, DescribedPath>>;
  readonly components: {
    readonly schemas: typeof schemas;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

const introduction = [
  "Every error is `{error, code?, request_id}`; `request_id` is also in the header `X-Request-Id` and in the log.",
  "A path that does not exist gives 404 `not found`; a known path with another method gives 405 `method not allowed` and `Allow`.",
  "A document is named by the path, else by `?id=`, else by `?documentid=`, else by the same names in the JSON body.",
].join("\n\n");

export function describeApi(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Partial<Record<DescribedMethod, DescribedOperation>>> = {};
  for (const route of routes) {
    for (const path of route.paths) {
      const described = (paths[templateOf(path)] ??= {});
      for (const method of route.methods) Object.assign(described, describeMethod(route, path, method));
      described.options = describeOptions(path);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Tatou", version, description: introduction },
    servers: [{ url: "/" }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas, securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
  };
}

/** The operation of a method; GET comes with HEAD, which answers the same without a body. */
function describeMethod(route: Route, path: string, method: "GET" | "POST" | "DELETE"): DescribedPath {
  const operation = operationOf(route, method);
  const described = describe(route, path, { method, operation });
  if (method !== "GET") return method === "POST" ? { post: described } : { delete: described };
  const responses = Object.fromEntries(
    Object.entries(described.responses).map(([status, { description, headers }]) => [
      status,
      headers === undefined ? { description } : { description, headers },
    ]),
  );
  return { get: described, head: { ...described, operationId: operationId("head", path), responses } };
}

function operationOf(route: Route, method: string): Operation {
  if (route.config?.isPage === true) return pageOperation;
  const name = `${method} ${route.paths[0]}`;
  const operation = operations[name];
  assert(operation !== undefined, `the operation ${name} must be described`);
  return operation;
}

interface Described {
  readonly method: string;
  readonly operation: Operation;
}

function describe(route: Route, path: string, { method, operation }: Described): DescribedOperation {
  const { tag, summary, description, body, parameters = [], isAboutDocument = false } = operation;
  const all = [...(isAboutDocument ? documentParameters(path) : []), ...parameters];
  return {
    operationId: operationId(method.toLowerCase(), path),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(body === undefined ? {} : { requestBody: body }),
    ...(route.config?.isAuthenticated === true ? { security: [{ bearer: [] }] } : {}),
    responses: { ...commonAnswers(route, method), ...operation.answers },
  };
}

function documentParameters(path: string): readonly Parameter[] {
  if (path.includes(":document_id")) {
    return [{ name: "document_id", in: "path", required: true, schema: idTextSchema }];
  }
  return ["id", "documentid"].map((name) => ({ name, in: "query", schema: idTextSchema }));
}

/** What a route answers because of what all of its kind do. */
function commonAnswers(route: Route, method: string): Readonly<Record<number, Answer>> {
  const { isAuthenticated = false, isMetrics = false, isPage = false } = route.config ?? {};
  const answers: Record<number, Answer> = { 500: problem("Our own failure; the log knows more under `request_id`") };
  if (isAuthenticated) answers[401] = problem("No token, or one that is not valid (any more)");
  if (method !== "GET") {
    answers[400] = problem("The body cannot be read");
    answers[413] = problem("The body is too large");
  }
  if (!isMetrics) answers[429] = problem("`rate limit exceeded`; `Retry-After` tells the seconds to wait");
  if (!isPage && !isMetrics) answers[503] = problem("`database unavailable` or `storage unavailable`");
  return answers;
}

function describeOptions(path: string): DescribedOperation {
  const allow = { description: "The methods of this path", schema: { type: "string" } };
  return {
    operationId: operationId("options", path),
    tags: [],
    summary: "The methods of this path",
    responses: {
      204: { description: "In the header", headers: { allow } },
      429: problem("`rate limit exceeded`"),
      500: problem("Our own failure"),
    },
  };
}

/** `/a/:b` → `/a/{b}`. */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method, ...words].join("_");
}
