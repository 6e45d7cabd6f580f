export class NothingToCheckError extends Error {
  override readonly name = "NothingToCheckError";
  readonly code = "nothing_to_check";
  readonly hint = "Name the directory that holds prometheus.yml with its rules, or dashboards, and the code";

  constructor(path: string) {
    super(`Cannot check ${path}: it holds neither rules nor dashboards`);
  }
}

export class NotADirectoryError extends Error {
  override readonly name = "NotADirectoryError";
  readonly code = "not_a_directory";
  readonly hint = "Name the directory that holds the code and the configuration";

  constructor(path: string) {
    super(`Cannot check ${path}: it is no directory`);
  }
}
