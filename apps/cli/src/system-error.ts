const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user has no permission",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENOENT: "no such file or directory",
  ENOTDIR: "a file stands where a directory is needed",
  EEXIST: "a file stands where a directory is needed",
  EISDIR: "a directory stands where a file is needed",
  EMFILE: "too many files are open",
};

/** What the system answered when it was asked for a file, in words; its own words where we have none. */
export function systemReason(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ""] ?? error.message;
}

/** Whether the system refused to open, read, make ... a file. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException & { readonly path: string } {
  return error instanceof Error && "syscall" in error && "path" in error && typeof error.path === "string";
}
