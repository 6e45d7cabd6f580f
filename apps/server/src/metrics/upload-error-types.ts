/** Why an upload was refused: the values of the label `error_type`, in the order in which the checks are made. */
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
