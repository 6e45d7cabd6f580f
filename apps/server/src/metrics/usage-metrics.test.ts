import { afterAll, beforeAll, expect, test } from "vitest";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { type Samples, TestServer } from "../testing/test-server.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import { securityEventSeverity } from "./security-events.ts";
import { uploadErrorTypes } from "./upload-error-types.ts";
import { auditActions, limiterNames, loginResults, queryOperations } from "./usage-metrics.ts";
import { watermarkResults } from "./watermark-metrics.ts";

let server: TestServer;
let fresh: Samples;
let exposition: string;

beforeAll(async () => {
  requirePdfWorker();
  server = await TestServer.start({ env: { RATE_LIMIT_LINK_MISS_PER_MINUTE: "1" } });
  exposition = (await server.send({ path: "/metrics" })).text;
  fresh = await server.scrape();
});

afterAll(() => server.stop());

const bodyEndpoints = [
  ...["/api/create-user", "/api/login", "/api/logout", "/api/refresh-token", "/api/upload-document"],
  ...["/api/delete-document", "/api/delete-document/:document_id"],
  ...["/api/create-watermark", "/api/create-watermark/:document_id"],
  ...["/api/read-watermark", "/api/read-watermark/:document_id", "/api/load-plugin"],
  ...["/api/rmap-initiate", "/rmap-initiate", "/api/rmap-get-link", "/rmap-get-link"],
];
const clientMetrics = [
  "auth_failures",
  "sql_errors",
  "file_upload_errors",
  "pdf_parser_errors",
  "rmap_handshake_failures",
];
const watermarkSeries = [...watermarkMethods.keys()].flatMap((method) =>
  (["create", "read"] as const).flatMap((operation) => [
    ...watermarkResults[operation].map(
      (result) => `watermark_operations_total{operation="${operation}",method="${method}",result="${result}"}`,
    ),
    `watermark_duration_seconds_count{operation="${operation}",method="${method}"}`,
  ]),
);

/** Metric → all the series that stand for its closed labels. A new metric is added here, or the test of names fails. */
const closedSeries: Readonly<Record<string, readonly string[]>> = {
  http_requests_total: ['http_requests_total{method="GET",endpoint="/healthz",http_status="200"}'],
  http_request_duration_seconds: ['http_request_duration_seconds_count{method="GET",endpoint="/healthz"}'],
  auth_failures_total: ['auth_failures_total{client_ip="other"}'],
  sql_errors_total: ['sql_errors_total{client_ip="other"}'],
  file_upload_errors_total: uploadErrorTypes.map(
    (type) => `file_upload_errors_total{error_type="${type}",client_ip="other"}`,
  ),
  pdf_parser_errors_total: ['pdf_parser_errors_total{client_ip="other"}'],
  rmap_handshake_failures_total: ['rmap_handshake_failures_total{client_ip="other"}'],
  security_events_total: Object.entries(securityEventSeverity).map(
    ([type, severity]) => `security_events_total{event_type="${type}",severity="${severity}"}`,
  ),
  metrics_label_overflow_total: clientMetrics.map((name) => `metrics_label_overflow_total{metric="${name}_total"}`),
  metrics_tracked_client_ips: ["metrics_tracked_client_ips"],
  watermark_operations_total: watermarkSeries.filter((series) => series.startsWith("watermark_operations")),
  watermark_duration_seconds: watermarkSeries.filter((series) => series.startsWith("watermark_duration")),
  rate_limit_hits_total: limiterNames.map((name) => `rate_limit_hits_total{limiter="${name}"}`),
  logins_total: loginResults.map((result) => `logins_total{result="${result}"}`),
  uploads_total: ["uploads_total"],
  upload_bytes_total: ["upload_bytes_total"],
  http_requests_in_progress: ["http_requests_in_progress"],
  http_request_body_bytes: bodyEndpoints.map((endpoint) => `http_request_body_bytes_count{endpoint="${endpoint}"}`),
  db_query_duration_seconds: queryOperations.map((name) => `db_query_duration_seconds_count{operation="${name}"}`),
  audit_events_total: auditActions.map((action) => `audit_events_total{action="${action}"}`),
  rmap_sessions_pending: ["rmap_sessions_pending"],
  build_info: ['build_info{version="0.1.0"}'],
};
/** One tells the version, and the other counts what housekeeping asked of the database before anybody asks us. */
const moving = new Set(["build_info", "db_query_duration_seconds"]);

test("these are all the metrics there are", () => {
  const names = [...exposition.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  // The time of the start has no labels, and is never 0.
  expect(names.sort()).toEqual([...Object.keys(closedSeries), "process_start_time_seconds"].sort());
});

test.each(Object.entries(closedSeries))("%s has all its closed label values at 0 from the start", (name, series) => {
  expect(series.length).toBeGreaterThan(0);
  for (const each of series) {
    const value = moving.has(name) ? (fresh.get(each) ?? -1) * 0 : fresh.get(each);
    expect(Object.is(value, 0) ? [] : [each, value]).toEqual([]);
  }
});

test("one user's day moves the counts of use, and nothing else of them", async () => {
  const before = await server.scrape();
  const { token, email } = await server.newUser("worker");
  await server.post("/api/login", { email, password: "wrong password" });
  const id = Number((await server.upload(pdfSamples.plain, { token })).json["id"]);
  const fields = { method: "toy-eof", intended_for: "x", secret: "s", key: "k" };
  await server.post(`/api/create-watermark/${id}`, fields, { token });
  await server.post(`/api/read-watermark/${id}`, { method: "toy-eof", key: "k" }, { token });
  for (const link of ["one", "two"]) await server.send({ path: `/api/get-version/${link}` });
  await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token });
  const fresher = String((await server.send({ method: "POST", path: "/api/refresh-token", token })).json["token"]);
  await server.send({ method: "POST", path: "/api/logout", token: fresher });
  const after = await server.scrape();
  const counts =
    /^(?:watermark_operations|rate_limit|logins|uploads|upload_bytes|audit|watermark_duration_seconds_count|http_requests_in)/;
  const moved = [...after].filter(([series, value]) => counts.test(series) && value !== before.get(series));
  expect(Object.fromEntries(moved)).toEqual({
    'watermark_operations_total{operation="create",method="toy-eof",result="done"}': 1,
    'watermark_operations_total{operation="read",method="toy-eof",result="secret_not_found"}': 1,
    'watermark_duration_seconds_count{operation="create",method="toy-eof"}': 1,
    'watermark_duration_seconds_count{operation="read",method="toy-eof"}': 1,
    'rate_limit_hits_total{limiter="link_misses"}': 1,
    'logins_total{result="success"}': 1,
    'logins_total{result="failure"}': 1,
    uploads_total: 1,
    upload_bytes_total: pdfSamples.plain.length,
    'audit_events_total{action="create-user"}': 1,
    'audit_events_total{action="login"}': 1,
    'audit_events_total{action="upload-document"}': 1,
    'audit_events_total{action="create-watermark"}': 1,
    'audit_events_total{action="read-watermark"}': 1,
    'audit_events_total{action="delete-document"}': 1,
    'audit_events_total{action="refresh-token"}': 1,
    'audit_events_total{action="logout"}': 1,
  });
  expect(after.get('http_request_body_bytes_count{endpoint="/api/login"}')).toBe(2);
  expect(after.get('http_request_body_bytes_sum{endpoint="/api/upload-document"}')).toBeGreaterThan(
    pdfSamples.plain.length,
  );
  expect(after.get("http_requests_in_progress")).toBe(0);
  expect(after.get('db_query_duration_seconds_count{operation="insert"}')).toBeGreaterThan(8);
});
