/** One kind of attack, and the rule that most set-ups have against it. */
export interface AttackTechnique {
  readonly id: string;
  readonly title: string;
  /** ATT&CK. */
  readonly technique: string;
  /** As in a drill file. */
  readonly request: Readonly<Record<string, unknown>>;
  /** The plain rule that is seen in public set-ups: `rate(metric[2m]) > perSecond`, without `for`. */
  readonly plain: { readonly metric: string; readonly perSecond: number };
  /** Just not enough for the pack's lowest threshold per source: one request every so many seconds. */
  readonly unseenEverySeconds: number;
}

/** Each reaches the platform as the drills of monitoring/drills do; thresholds: monitoring/prometheus_rules. */
export const attackTechniques: readonly AttackTechnique[] = [
  {
    id: "password-guessing",
    title: "Wrong passwords for one account",
    technique: "T1110.001",
    request: {
      method: "POST",
      path: "/api/login",
      json: { email: "victim-${run}@tatou.invalid", password: "wrong-${n}" },
    },
    plain: { metric: "auth_failures_total", perSecond: 5 },
    // 56 in 30 minutes, which increase() makes up to 58 of.
    unseenEverySeconds: 32,
  },
  {
    id: "sql-injection",
    title: "Injection strings in a path",
    technique: "T1190",
    request: { method: "GET", path: "/api/list-versions/1'%20OR%20${n}=${n}--" },
    plain: { metric: "sql_errors_total", perSecond: 3 },
    unseenEverySeconds: 75,
  },
  {
    id: "path-traversal",
    title: "Files outside the platform's folder",
    technique: "T1083",
    request: { method: "GET", path: "/..%2f..%2fetc%2fpasswd-${n}" },
    plain: { metric: "security_events_total", perSecond: 1 },
    unseenEverySeconds: 150,
  },
  {
    id: "forged-tokens",
    title: "Bearer tokens that were never signed",
    technique: "T1606",
    request: { method: "GET", path: "/api/list-documents", headers: { authorization: "Bearer e30.e30.${random:16}" } },
    plain: { metric: "security_events_total", perSecond: 1 },
    unseenEverySeconds: 31,
  },
  {
    id: "refused-uploads",
    title: "Uploads that are no PDF",
    technique: "T1190",
    request: {
      method: "POST",
      path: "/api/upload-document",
      as: "mallory",
      upload: { payload: "not-pdf", name: "x-${n}.pdf" },
    },
    plain: { metric: "file_upload_errors_total", perSecond: 5 },
    unseenEverySeconds: 16,
  },
  {
    id: "crafted-pdfs",
    title: "PDFs that a parser stumbles over",
    technique: "T1190",
    request: {
      method: "POST",
      path: "/api/upload-document",
      as: "mallory",
      upload: { payload: "truncated", name: "x-${n}.pdf" },
    },
    plain: { metric: "pdf_parser_errors_total", perSecond: 5 },
    unseenEverySeconds: 70,
  },
  {
    id: "rmap-garbage",
    title: "RMAP messages that nobody encrypted",
    technique: "T1190",
    request: { method: "POST", path: "/api/rmap-initiate", json: { payload: "${random:64}" } },
    plain: { metric: "rmap_handshake_failures_total", perSecond: 3 },
    unseenEverySeconds: 31,
  },
  {
    id: "link-guessing",
    title: "Secret links by chance",
    technique: "T1595.003",
    request: { method: "GET", path: "/api/get-version/${random:40}" },
    plain: { metric: "security_events_total", perSecond: 1 },
    unseenEverySeconds: 13,
  },
  {
    id: "forced-browsing",
    title: "Paths that there are not",
    technique: "T1595.002",
    request: { method: "GET", path: "/backup-${n}.zip" },
    plain: { metric: "security_events_total", perSecond: 1 },
    unseenEverySeconds: 2,
  },
];
