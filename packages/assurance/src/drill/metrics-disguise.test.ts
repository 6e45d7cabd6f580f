import { expect, test } from "vitest";
import { MetricsDisguise } from "./metrics-disguise.ts";

const exposed = (requestCount: number): string => `# HELP http_requests_total Finished requests
# TYPE http_requests_total counter
http_requests_total{endpoint="/healthz"} ${requestCount}
# TYPE security_events_total counter
security_events_total{event_type="auth_failure"} 2
# TYPE auth_failures_total counter
auth_failures_total{client_ip="other"} 0
# TYPE build_info gauge
build_info{version="1"} 1
`;

test("without a fault nothing is changed", () => {
  expect(new MetricsDisguise().apply(exposed(1))).toBe(exposed(1));
});

test("the security families go, with what is said about them", () => {
  const disguise = new MetricsDisguise();
  const end = disguise.begin("security_metrics_gone");
  expect(disguise.apply(exposed(1))).toBe('# TYPE build_info gauge\nbuild_info{version="1"} 1\n');
  end();
  expect(disguise.apply(exposed(1))).toBe(exposed(1));
});

test("requests are no longer counted, from the first look on", () => {
  const disguise = new MetricsDisguise();
  const end = disguise.begin("requests_uncounted");
  expect(disguise.apply(exposed(7))).toContain('{endpoint="/healthz"} 7\n');
  expect(disguise.apply(exposed(9))).toContain('{endpoint="/healthz"} 7\n');
  end();
  disguise.begin("requests_uncounted");
  expect(disguise.apply(exposed(11))).toContain('{endpoint="/healthz"} 11\n');
});

test("series are added up to more than is good, and less than a scrape may have", () => {
  const disguise = new MetricsDisguise();
  disguise.begin("too_many_series");
  const samples = disguise
    .apply(exposed(1))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(samples).toHaveLength(9_000);
});
