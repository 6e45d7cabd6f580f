/** The closed sets of labels, as the platform promises them. */
import { seriesName } from "./metrics.ts";

export const eventsBySeverity = {
  low: [
    "auth_failure",
    "token_expired",
    "input_validation_failed",
    "file_upload_rejected",
    "rmap_handshake_failure",
    "version_link_miss",
    "watermark_not_found",
    "rate_limited",
  ],
  medium: [
    "auth_throttled",
    "token_invalid",
    "authorization_denied",
    "database_error",
    "xss_attempt",
    "pdf_parser_error",
    "watermark_key_mismatch",
    "metrics_access_denied",
    "metrics_label_overflow",
  ],
  high: [
    "auth_bruteforce",
    "credential_stuffing",
    "sql_injection_attempt",
    "path_traversal_attempt",
    "malicious_file_detected",
    "pdf_parser_limit",
    "rmap_unknown_identity",
    "rmap_replay",
    "plugin_load_attempt",
    "unhandled_error",
    "insecure_configuration",
  ],
  critical: ["login_after_bruteforce", "storage_integrity"],
} as const;

export type EventType = (typeof eventsBySeverity)[keyof typeof eventsBySeverity][number];

export const uploadErrorTypes = [
  "malformed_multipart",
  "missing_file",
  "empty_filename",
  "bad_extension",
  "bad_mime",
  "empty_file",
  "too_large",
  "bad_magic",
  "parse_error",
  "encrypted",
  "malicious",
  "limits",
  "quota_exceeded",
  "rate_limited",
  "storage_error",
  "db_error",
  "aborted",
] as const;

export type UploadErrorType = (typeof uploadErrorTypes)[number];

/** Those with a label for the client's address. */
export const metricsByClient = [
  "auth_failures_total",
  "sql_errors_total",
  "file_upload_errors_total",
  "pdf_parser_errors_total",
  "rmap_handshake_failures_total",
] as const;

/** Every metric that reports something going wrong. */
export const failureMetrics = [...metricsByClient, "security_events_total"] as const;

export const durationBuckets = "0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf".split(" ");

/** Beyond the promised eight. */
export const extraMetrics = [
  "watermark_operations_total",
  "watermark_duration_seconds",
  "rate_limit_hits_total",
  "logins_total",
  "uploads_total",
  "upload_bytes_total",
  "http_requests_in_progress",
  "http_request_body_bytes",
  "db_query_duration_seconds",
  "audit_events_total",
  "rmap_sessions_pending",
  "metrics_tracked_client_ips",
  "metrics_label_overflow_total",
  "build_info",
  "process_start_time_seconds",
] as const;

/** What a step is expected to move. */
export interface Moves {
  readonly auth?: number;
  readonly sql?: number;
  readonly upload?: Readonly<Partial<Record<UploadErrorType, number>>>;
  readonly pdf?: number;
  readonly rmap?: number;
  readonly events?: Readonly<Partial<Record<EventType, number>>>;
}

/** The same as series with their differences, of a client at this address. */
export function seriesOf({ auth, sql, upload = {}, pdf, rmap, events = {} }: Moves, clientIp: string) {
  const series: Record<string, number> = {};
  const add = (metric: string, labels: Readonly<Record<string, string>>, count: number | undefined) => {
    if (count !== undefined) series[seriesName(metric, labels)] = count;
  };
  add("auth_failures_total", { client_ip: clientIp }, auth);
  add("sql_errors_total", { client_ip: clientIp }, sql);
  add("pdf_parser_errors_total", { client_ip: clientIp }, pdf);
  add("rmap_handshake_failures_total", { client_ip: clientIp }, rmap);
  for (const [type, count] of Object.entries(upload)) {
    add("file_upload_errors_total", { client_ip: clientIp, error_type: type }, count);
  }
  for (const [type, count] of Object.entries(events)) add(...eventSeries(type), count);
  return series;
}

function eventSeries(type: string): readonly [string, Readonly<Record<string, string>>] {
  const found = Object.entries(eventsBySeverity).find(([, types]) => (types as readonly string[]).includes(type));
  return ["security_events_total", { event_type: type, severity: found![0] }];
}
