import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineBench } from "../testing/engine-bench.ts";

const bench = new EngineBench();
beforeAll(async () => {
  bench.serve("app:1", () => "requests_total 5\n");
  await bench.start({
    config: 'scrape_configs: [{ job_name: app, scrape_interval: 5s, static_configs: [{ targets: ["app:1"] }] }]',
    options: { isLifecycleEnabled: false },
  });
  await bench.clock.advance(12_000);
});
afterAll(() => bench.close());

const noExpression = 'invalid parameter "query": unknown position: parse error: no expression found in input';

describe("a refused request says which parameter and why, as Prometheus does", () => {
  test.each([
    { path: "query?query=", error: noExpression },
    { path: "query", error: noExpression },
    { path: "query?query=sum(up", error: 'invalid parameter "query": 1:7: parse error: unclosed left parenthesis' },
    {
      path: "query?query=up&time=noon",
      error: `invalid parameter "time": Invalid time value for 'time': cannot parse "noon" to a valid timestamp`,
    },
    {
      path: "query?query=up&timeout=soon",
      error: 'invalid parameter "timeout": cannot parse "soon" to a valid duration',
    },
    { path: "query?query=up&limit=-1", error: 'invalid parameter "limit": limit must be non-negative' },
    { path: "query?query=up&limit=1e3", error: 'invalid parameter "limit": cannot parse "1e3" to a whole number' },
    { path: "query_range?query=up", error: 'invalid parameter "start": cannot parse "" to a valid timestamp' },
    { path: "query_range?query=up&start=1", error: 'invalid parameter "end": cannot parse "" to a valid timestamp' },
    {
      path: "query_range?query=up&start=2&end=1&step=1",
      error: 'invalid parameter "end": end timestamp must not be before start time',
    },
    {
      path: "query_range?query=up&start=1&end=2",
      error: 'invalid parameter "step": cannot parse "" to a valid duration',
    },
    {
      path: "query_range?query=up&start=1&end=2&step=0",
      error:
        'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    },
    {
      path: "query_range?query=up&start=1&end=2&step=1e300",
      error: 'invalid parameter "step": cannot parse "1e300" to a valid duration. It overflows int64',
    },
    {
      path: "query_range?query=up&start=0&end=11001&step=1",
      error:
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    },
    {
      path: "query_range?query=up[1m]&start=1&end=2&step=1",
      error:
        'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    },
    { path: "series", error: "no match[] parameter provided" },
    {
      path: "series?match[]={}",
      error: 'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    },
    {
      path: 'labels?match[]={job=~".*"}',
      error: 'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    },
    {
      path: "label/job/values?match[]=up{",
      error: 'invalid parameter "match[]": 1:4: parse error: unexpected end of input inside braces',
    },
    {
      path: "labels?start=yesterday",
      error: `invalid parameter "start": Invalid time value for 'start': cannot parse "yesterday" to a valid timestamp`,
    },
    { path: "rules?type=nonsense", error: 'invalid parameter "type": not supported value "nonsense"' },
    {
      path: "rules?exclude_alerts=maybe",
      error:
        'invalid parameter "exclude_alerts": error converting exclude_alerts: cannot parse "maybe" to a truth value',
    },
    {
      path: "rules?group_next_token=abc",
      error:
        'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
    },
    {
      path: "rules?group_limit=1&group_next_token=abc",
      error: `invalid parameter "group_next_token": invalid group_next_token 'abc'. were rule groups changed?`,
    },
    { path: "metadata?limit=all", error: "limit must be a number" },
    {
      path: "targets/metadata?match_target={",
      error: 'invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces',
    },
    { path: "status/tsdb?limit=0", error: 'invalid parameter "limit": limit must be a positive number' },
  ])("GET $path", async ({ path, error }) => {
    const answer = await bench.get(`/api/v1/${path}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ status: "error", errorType: "bad_data", error });
    expect(answer.headers["tatou-hint"]).toMatch(/^[\x20-\x7e]+$/);
  });

  test("a range that is too long does not bring the query down", async () => {
    const answer = await bench.get("/api/v1/query_range?query=up&start=-1e300&end=1e300&step=1e9");
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("exceeded maximum resolution");
  });

  test("an error while evaluating is of type execution", async () => {
    const answer = await bench.get("/api/v1/query?query=up%20%2B%20on()%20group_left()%20{__name__=~'.%2B'}");
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error", errorType: "execution" });
  });
});

describe("oddities of HTTP", () => {
  test.each([
    { method: "GET", path: "/nowhere", status: 404, text: "404 page not found\n" },
    { method: "GET", path: "/api/v1/nowhere", status: 404, text: "404 page not found\n" },
    { method: "POST", path: "/api/v1/rules", status: 405, text: "Method Not Allowed\n" },
    { method: "DELETE", path: "/api/v1/query", status: 405, text: "Method Not Allowed\n" },
    { method: "GET", path: "/-/reload", status: 405, text: "Only POST or PUT requests allowed" },
    { method: "POST", path: "/-/reload", status: 403, text: "Lifecycle API is not enabled." },
    { method: "GET", path: "/api/v1/../../etc/passwd", status: 404, text: "404 page not found\n" },
    { method: "GET", path: "/..%2f..%2fetc/passwd", status: 404, text: "404 page not found\n" },
    { method: "GET", path: "/assets/..%2f..%2f..%2fpackage.json", status: 404, text: "404 page not found\n" },
  ] as const)("$method $path", async ({ method, path, status, text }) => {
    expect(await bench.request(method, path)).toMatchObject({ status, text });
  });

  test.each(["/api/v1/label/%zz/values", "/%", "/api/v1/label/%c3%28/values"])(
    "the bad escape in %s is refused",
    async (path) => {
      const { status } = await bench.get(path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  test("a label name of a thousand characters is a name like any other", async () => {
    expect((await bench.get(`/api/v1/label/${"a".repeat(1000)}/values`)).status).toBe(200);
  });

  test("a body that is no form is not looked at", async () => {
    for (const type of ["application/json", "text/xml", "multipart/form-data; boundary=x"]) {
      const answer = await bench.request("POST", "/api/v1/query", '{"query": "up"', type);
      expect(JSON.parse(answer.text)).toEqual({ status: "error", errorType: "bad_data", error: noExpression });
      expect((await bench.request("POST", "/api/v1/query?query=1", '{"query": "up"', type)).status).toBe(200);
    }
  });

  test("bytes that are no UTF-8 come back as an error, not as a crash", async () => {
    const answer = await bench.get("/api/v1/query?query=%ff%fe");
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ errorType: "bad_data" });
  });

  test("HEAD has the status and no body", async () => {
    expect(await bench.request("HEAD", "/api/v1/query?query=up")).toMatchObject({ status: 200, text: "" });
    expect(await bench.request("HEAD", "/api/v1/query?query=sum(")).toMatchObject({ status: 400, text: "" });
  });

  test("a foreign Host or Origin is refused", async () => {
    const ask = (headers: Record<string, string>) =>
      bench.engine.handle(
        { method: "GET", url: "http://localhost:9090/api/v1/query?query=up", headers },
        { remoteAddress: "127.0.0.1" },
      );
    expect((await ask({ host: "evil.example" })).status).toBe(403);
    expect((await ask({ origin: "http://evil.example" })).status).toBe(403);
    expect((await ask({ origin: "http://localhost:9090" })).status).toBe(200);
  });
});

describe("large requests", () => {
  test.each([
    { name: "a hundred thousand parentheses", query: `${"(".repeat(100_000)}1${")".repeat(100_000)}` },
    { name: "a hundred thousand open ones", query: "(".repeat(100_000) },
    { name: "a hundred thousand signs", query: `${"-".repeat(100_000)}1` },
    { name: "a sum of a hundred thousand", query: `1${"+1".repeat(100_000)}` },
    { name: "a million characters of one name", query: `${"a".repeat(1_000_000)}(` },
    {
      name: "a regular expression of nested repetitions",
      query: `up{job=~"${"(".repeat(2000)}a${"*)".repeat(2000)}"}`,
    },
    { name: "a repetition of repetitions", query: 'up{job=~"((a{1000}){1000}){1000}"}' },
  ])("$name is answered with 400 at once", async ({ query }) => {
    const startedMs = performance.now();
    const answer = await bench.request("POST", "/api/v1/query", new URLSearchParams({ query }).toString());
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ errorType: "bad_data" });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  test("a long query that makes sense is answered", async () => {
    const query = `up{job=~"${Array.from({ length: 20_000 }, (_, index) => `job${index}`).join("|")}|app"}`;
    const answer = await bench.request("POST", "/api/v1/query", new URLSearchParams({ query }).toString());
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("app:1");
  });

  test("a body above 10 MiB is refused", async () => {
    const answer = await bench.request("POST", "/api/v1/query", `query=${"a".repeat(11 * 1024 * 1024)}`);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error", errorType: "bad_data" });
  });

  test("a hundred thousand parameters are read", async () => {
    const answer = await bench.request("POST", "/api/v1/query", `query=1&${"match[]=up&".repeat(100_000)}`);
    expect(answer.status).toBe(200);
  });
});

test("requests for made-up paths do not make metrics grow", async () => {
  for (let index = 0; index < 200; index++) {
    await bench.get(`/nowhere/${index}`);
    await bench.get(`/api/v1/label/name${index}/values`);
  }
  const { text } = await bench.get("/metrics");
  const handlers = text.split("\n").filter((line) => line.startsWith("prometheus_http_requests_total{"));
  expect(handlers.length).toBeLessThan(60);
  expect(text).toContain('prometheus_http_requests_total{code="404",handler="unmatched"}');
  expect(text).toContain('handler="/api/v1/label/:name/values"');
});
