import { systemReason } from "../system-error.ts";

export class NothingToCheckError extends Error {
  override readonly name = "NothingToCheckError";
  readonly code = "nothing_to_check";
  readonly hint = "Name the directory that holds prometheus.yml with its rules, or dashboards, and the code";

  constructor(path: string) {
    super(`Cannot check ${path}: it holds neither rules nor dashboards`);
  }
}

const directoryReasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is no directory",
};

/** The directory that was named cannot be looked into. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";
  readonly code = "directory_unreadable";
  readonly hint = "Name the directory that holds the code and the configuration";

  constructor(path: string, cause: NodeJS.ErrnoException) {
    super(`Cannot check ${path}: ${directoryReasons[cause.code ?? ""] ?? systemReason(cause)}`, { cause });
  }
}
