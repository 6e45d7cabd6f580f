import { afterAll, beforeAll, expect, test } from "vitest";
import { securityEventSeverity, securityEventTypes } from "../metrics/security-events.ts";
import { uploadErrorTypes } from "../metrics/upload-error-types.ts";
import { auditActions, limiterNames, loginResults, queryOperations } from "../metrics/usage-metrics.ts";
import { watermarkResults } from "../metrics/watermark-metrics.ts";
import { resolveSchema, schemaMismatch } from "../testing/json-schema.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { Random } from "../testing/random.ts";
import { type RandomRequest, RandomRequests, type RandomState } from "../testing/random-request.ts";
import { type TestResponse, TestServer } from "../testing/test-server.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import type { OpenApiDocument } from "./describe-api.ts";

const isLong = process.env["TATOU_LONG_TESTS"] === "1";
const requestCount = isLong ? 10_000 : 2_000;
const seed = Number(process.env["TATOU_SEED"] ?? Date.now() % 1_000_000_007);
/** More than the labels can make, less than a leak of labels would. */
const seriesBudget = 4_000;

const limits = {
  ...{ RATE_LIMIT_GLOBAL_PER_MINUTE: "1000000", RATE_LIMIT_SIGNUP_PER_10MIN: "1000000" },
  ...{ RATE_LIMIT_UPLOAD_PER_10MIN: "1000000", RATE_LIMIT_WATERMARK_PER_10MIN: "1000000" },
};

let server: TestServer;
let description: OpenApiDocument;

beforeAll(async () => {
  requirePdfWorker();
  server = await TestServer.start({ env: limits });
  description = (await server.send({ path: "/api/openapi.json" })).json as unknown as OpenApiDocument;
});

afterAll(() => server.stop());

test("the description is served, counted under its path, and refers to nothing that is missing", async () => {
  const answer = await server.send({ path: "/api/openapi.json" });
  expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json; charset=utf-8" } });
  expect(answer.json).toMatchObject({ openapi: "3.1.0", info: { title: "Tatou" } });
  const references = [...answer.text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = ""]) => name);
  expect(references.filter((name) => !(name in description.components.schemas))).toEqual([]);
  const unused = Object.keys(description.components.schemas).filter((name) => !references.includes(name));
  expect(unused).toEqual([]);
  const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map((operation) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const counted = 'http_requests_total{method="GET",endpoint="/api/openapi.json",http_status="200"}';
  expect((await server.scrape()).get(counted)).toBeGreaterThan(0);
});

test("every path has exactly the methods that its answer to OPTIONS tells", async () => {
  for (const [path, methods] of Object.entries(description.paths)) {
    const answer = await server.send({ method: "OPTIONS", path: path.replace(/\{\w+\}/, "1") });
    const allowed = String(answer.headers.allow).toLowerCase().split(", ");
    expect({ path, status: answer.status, methods: allowed.sort() }).toEqual({
      path,
      status: 204,
      methods: Object.keys(methods).sort(),
    });
  }
});

test(`${requestCount} random requests are answered as described, and move no metric out of its bounds`, {
  timeout: 900_000,
}, async () => {
  console.log(`random requests: TATOU_SEED=${seed}`);
  const state = await newState();
  const requests = new RandomRequests(description, new Random(seed), state);
  const statuses = new Map<number, number>();
  for (let number = 0; number < requestCount; number++) {
    const request = requests.next();
    const answer = await server.send(request);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const problem = problemOf(request, answer);
    if (problem !== null) throw new Error(problemText({ number, request, answer, problem }));
    remember(answer, request, state);
  }
  console.log(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`);
  const samples = await server.scrape();
  expect(strayLabels([...samples.keys()])).toEqual([]);
  expect(samples.size).toBeLessThan(seriesBudget);
  console.log(`series after all: ${samples.size}`);
  expect(server.logLines.filter((line) => line.includes('"request failed"'))).toEqual([]);
});

async function newState(): Promise<RandomState> {
  const [ann, bob] = [await server.newUser("ann"), await server.newUser("bob")];
  const uploaded = await server.upload(pdfSamples.plain, { token: ann.token });
  return {
    tokens: [ann.token, bob.token],
    ids: [Number(uploaded.json["id"])],
    links: [],
    accounts: [ann, bob].map(({ email, password }) => ({ email, password })),
  };
}

/** Keeps what was made, within bounds, and forgets what is gone. */
function remember(answer: TestResponse, request: RandomRequest, state: RandomState): void {
  const { id, link, token } = answer.json as { id?: number; link?: string; token?: string };
  const endpoint = request.operation?.operationId ?? "";
  if (answer.status === 201 && endpoint === "post_api_upload_document") state.ids.push(id!);
  if (answer.status === 201 && endpoint.startsWith("post_api_create_watermark")) state.links.push(link!);
  const isEnded = answer.status === 200 && /^post_api_(?:logout|refresh_token)$/.test(endpoint);
  if (isEnded) state.tokens.splice(state.tokens.indexOf(request.token!), 1);
  if (token !== undefined) state.tokens.push(token);
  if (state.tokens.length === 0) state.tokens.push("none that is valid");
  for (const list of [state.tokens, state.ids, state.links]) list.splice(0, list.length - 30);
}

/** What is wrong with an answer; null for nothing. */
function problemOf(request: RandomRequest, answer: TestResponse): string | null {
  if (answer.headers["x-request-id"] === undefined) return "no request id";
  if (answer.headers["x-content-type-options"] !== "nosniff") return "no nosniff";
  const isMissingRmap = answer.status === 503 && answer.json["error"] === "RMAP is not configured";
  if (answer.status >= 500 && !isMissingRmap && !(answer.status === 503 && request.method === "HEAD"))
    return "a failure";
  const { operation } = request;
  if (operation === null) return null;
  const described = operation.responses[String(answer.status)];
  if (described === undefined) return "a status that is not described";
  const type = (answer.headers["content-type"] ?? "").split(";", 1)[0] ?? "";
  if (described.content === undefined) return answer.body.length === 0 ? null : "a body that is not described";
  const media = described.content[type];
  if (media === undefined) return `content of type ${JSON.stringify(type)}`;
  return type === "application/json" ? schemaMismatch(answer.json, resolveSchema(media.schema)) : null;
}

interface BadAnswer {
  readonly number: number;
  readonly request: RandomRequest;
  readonly answer: TestResponse;
  readonly problem: string;
}

function problemText({ number, request, answer, problem }: BadAnswer): string {
  const { operation: _, token: __, ...sent } = request;
  return `Request ${number} of seed ${seed} got ${problem}: ${JSON.stringify(sent)} → ${answer.status} ${answer.text.slice(0, 300)}`;
}

/** Series with a label value outside of its closed set. */
function strayLabels(series: readonly string[]): readonly string[] {
  const endpoints = Object.keys(description.paths).map((path) => path.replace(/\{(\w+)\}/g, ":$1"));
  const address = /^(?:127\.0\.[01]\.\d{1,3}|other)$/;
  const methods = [...watermarkMethods.keys(), "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"];
  const closed: Readonly<Record<string, (value: string) => boolean>> = {
    endpoint: oneOf([...endpoints, "static", "unmatched"]),
    method: oneOf(methods),
    http_status: (value) => /^[2-5]\d\d$/.test(value),
    client_ip: (value) => address.test(value),
    error_type: oneOf(uploadErrorTypes),
    event_type: oneOf(securityEventTypes),
    severity: oneOf(Object.values(securityEventSeverity)),
    limiter: oneOf(limiterNames),
    action: oneOf(auditActions),
    operation: oneOf([...queryOperations, ...Object.keys(watermarkResults)]),
    result: oneOf([...loginResults, ...Object.values(watermarkResults).flat()]),
    metric: (value) => /^[a-z_]+_total$/.test(value),
    le: (value) => value === "+Inf" || Number(value) > 0,
    version: (value) => value === "0.1.0",
  };
  return series.filter((each) =>
    [...each.matchAll(/(\w+)="([^"]*)"/g)].some(([, name = "", value = ""]) => {
      const isIn = closed[name] ?? (() => false);
      return !isIn(value);
    }),
  );
}

function oneOf(values: readonly string[]): (value: string) => boolean {
  const set = new Set(values);
  return (value) => set.has(value);
}
