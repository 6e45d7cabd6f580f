export type Severity = "low" | "medium" | "high" | "critical";

/** The closed set of security events, each with its one severity. A new type belongs here and nowhere else. */
export const securityEventSeverity = {
  auth_failure: "low",
  token_expired: "low",
  input_validation_failed: "low",
  file_upload_rejected: "low",
  rmap_handshake_failure: "low",
  version_link_miss: "low",
  watermark_not_found: "low",
  rate_limited: "low",
  auth_throttled: "medium",
  token_invalid: "medium",
  authorization_denied: "medium",
  database_error: "medium",
  xss_attempt: "medium",
  pdf_parser_error: "medium",
  watermark_key_mismatch: "medium",
  metrics_access_denied: "medium",
  metrics_label_overflow: "medium",
  auth_bruteforce: "high",
  credential_stuffing: "high",
  sql_injection_attempt: "high",
  path_traversal_attempt: "high",
  malicious_file_detected: "high",
  pdf_parser_limit: "high",
  rmap_unknown_identity: "high",
  rmap_replay: "high",
  plugin_load_attempt: "high",
  unhandled_error: "high",
  insecure_configuration: "high",
  login_after_bruteforce: "critical",
  storage_integrity: "critical",
} as const satisfies Record<string, Severity>;

export type SecurityEventType = keyof typeof securityEventSeverity;

export const securityEventTypes = Object.keys(securityEventSeverity) as readonly SecurityEventType[];
