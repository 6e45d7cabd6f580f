import { expect, test } from "vitest";
import { counterValue } from "./counter-value.ts";

const exposition = new TextEncoder().encode(`# TYPE auth_failures_total counter
auth_failures_total{client_ip="127.0.0.9"} 12
auth_failures_total{client_ip="127.0.0.90"} 5
# TYPE file_upload_errors_total counter
file_upload_errors_total{error_type="bad_mime",client_ip="127.0.0.9"} 2
file_upload_errors_total{error_type="too_large",client_ip="127.0.0.9"} 3
`);

test.each([
  { metric: "auth_failures_total", clientIp: "127.0.0.9", value: 12 },
  { metric: "file_upload_errors_total", clientIp: "127.0.0.9", value: 5 },
  { metric: "auth_failures_total", clientIp: "127.0.0.1", value: 0 },
])("$metric of $clientIp is $value", ({ metric, clientIp, value }) => {
  expect(counterValue(exposition, metric, clientIp)).toBe(value);
});

test("a text that is no exposition is told, not counted as 0", () => {
  expect(() => counterValue(new TextEncoder().encode("<html>"), "x", "y")).toThrow(/expected/);
});
