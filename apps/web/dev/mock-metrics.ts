// Invented but plausible series for the queries of the dashboards: what they are about decides their names and height.

interface MockSeries {
  readonly metric: Record<string, string>;
  readonly valueAt: (seconds: number) => number;
}

/** A burst of about four minutes, twenty minutes before the end of any hour. */
function attack(seconds: number): number {
  const inHour = (seconds % 1500) - 900;
  return inHour < 0 || inHour > 300 ? 0 : Math.sin((inHour / 300) * Math.PI);
}

function noise(seconds: number, seed: number): number {
  const value = Math.sin(seconds * 0.013 + seed * 7.1) * 43_758.5453;
  return value - Math.floor(value);
}

const severities = ["low", "medium", "high", "critical"];
const eventTypes = [
  "auth_failure",
  "auth_throttled",
  "token_invalid",
  "input_validation_failed",
  "credential_stuffing",
  "sql_injection_attempt",
  "path_traversal_attempt",
  "version_link_miss",
  "file_upload_rejected",
  "auth_bruteforce",
];
const now = (): number => Math.floor(Date.now() / 1000);

function seriesFor(query: string): MockSeries[] {
  if (query.includes("empty")) return [];
  if (query.includes("sum by (severity) (ALERTS"))
    return [
      { metric: { severity: "critical" }, valueAt: () => 1 },
      { metric: { severity: "high" }, valueAt: () => 3 },
      { metric: { severity: "medium" }, valueAt: () => 1 },
    ];
  if (query.startsWith("ALERTS"))
    return [
      alert({
        alertname: "HighAuthFailureRate",
        severity: "high",
        client_ip: "127.0.0.9",
        job: "tatou-app",
        instance: "server:5000",
      }),
      alert({
        alertname: "AccountTakeoverSuspected",
        severity: "critical",
        category: "authentication",
        mitre: "T1078",
      }),
      alert({ alertname: "TokenForgeryAttempts", severity: "high", category: "authentication", mitre: "T1606" }),
      alert({ alertname: "SQLInjectionProbing", severity: "high", category: "injection", mitre: "T1190" }),
      alert({
        alertname: "FileUploadAnomalies",
        severity: "medium",
        category: "upload",
        client_ip: "10.0.4.17",
        mitre: "T1190",
      }),
      alert({ alertname: "Watchdog", severity: "none" }),
    ];
  if (query.startsWith("up"))
    return [{ metric: { __name__: "up", instance: "server:5000", job: "tatou-app" }, valueAt: () => 1 }];
  if (query.includes("by (severity)"))
    return severities.map((severity, index) => ({
      metric: { severity },
      valueAt: (t) => (noise(t, index) + attack(t) * 9) / (index * 2 + 1),
    }));
  if (query.includes("event_type"))
    return eventTypes.map((event_type, index) => ({
      metric: { event_type },
      valueAt: () => 2400 / (index * index * 2 + 1),
    }));
  if (query.includes("by (client_ip)"))
    return ["127.0.0.9", "10.0.4.17", "192.168.1.20", "172.16.3.3", "other"].map((client_ip, index) => ({
      metric: { client_ip },
      valueAt: () => 1240 / (index * 4 + 1),
    }));
  if (query.includes("error_type"))
    return ["bad_magic", "too_large", "bad_extension", "malicious"].map((error_type, index) => ({
      metric: { error_type },
      valueAt: (t) => noise(t, index + 9) * 0.4 + attack(t + 300) / (index + 1),
    }));
  if (query.startsWith("sum(rate(auth_failures"))
    return [{ metric: {}, valueAt: (t) => noise(t, 3) * 0.3 + attack(t) * 19 }];
  if (query.includes("sql_errors")) return [{ metric: {}, valueAt: (t) => Math.round(attack(t) * 14) + 12 }];
  if (query.includes("pdf_parser")) return [{ metric: {}, valueAt: (t) => Math.round(noise(t, 4) * 3) + 1 }];
  if (query.includes("rmap")) return [{ metric: {}, valueAt: () => 0 }];
  if (query.startsWith("count(client_ip")) return [{ metric: {}, valueAt: (t) => 1 + Math.round(attack(t) * 12) }];
  return ["a", "b", "c"].map((instance, index) => ({
    metric: { __name__: "metric", instance, job: "node" },
    valueAt: (t) => (noise(t, index) * 0.2 + 0.5) * (index + 1),
  }));
}

function alert(labels: Record<string, string>): MockSeries {
  return { metric: { __name__: "ALERTS", alertstate: "firing", ...labels }, valueAt: () => 1 };
}

export function answerQuery(query: string, time: number): unknown {
  return {
    resultType: "vector",
    result: seriesFor(query).map((one) => ({ metric: one.metric, value: [time, String(one.valueAt(time))] })),
  };
}

export function answerRange(query: string, range: { start: number; end: number; step: number }): unknown {
  const count = Math.min(11_000, Math.floor((range.end - range.start) / range.step) + 1);
  const times = Array.from({ length: count }, (_, index) => range.start + index * range.step);
  // Ten minutes without samples, to see how a gap looks.
  const gapStart = now() - 2600;
  const present = times.filter((time) => time < gapStart || time > gapStart + 180);
  return {
    resultType: "matrix",
    result: seriesFor(query).map((one) => ({
      metric: one.metric,
      values: present.map((time) => [time, String(one.valueAt(time))]),
    })),
  };
}
