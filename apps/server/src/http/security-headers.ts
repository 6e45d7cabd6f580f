/** Headers of every answer. */
export const commonHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Content-Security-Policy by what is sent. */
export const contentSecurityPolicy = {
  data: "default-src 'none'; frame-ancestors 'none'",
  page: "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  // Stricter policies keep browsers' PDF viewers from working.
  pdf: "frame-ancestors 'none'",
} as const;
