import type { Diagnostic } from "@tatou/model";

/** A file that the configuration consists of cannot be read. */
export class ConfigurationFileError extends Error implements Diagnostic {
  override readonly name = "ConfigurationFileError";
  readonly code = "config_file";
  readonly hint: string;
  readonly file: string;

  /** @param kind "configuration" for the file that says where alerts go, "template" for one that it names */
  constructor(kind: "configuration" | "template", file: string, cause: unknown) {
    super(`Cannot read ${file}: ${reasonOf(cause)}, expected ${expectations[kind]}`, { cause });
    this.file = file;
    this.hint = hints[kind];
  }
}

const expectations = {
  configuration: "an alertmanager.yml, which says whom to tell what",
  template: "a file of notification templates",
} as const;

const hints = {
  configuration: "Give the path of an alertmanager.yml with --config.file, or put one there",
  template: "Make it readable, or take it out of templates in the configuration",
} as const;

function reasonOf(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "no such file";
    case "EISDIR":
      return "it is a folder";
    case "EACCES":
      return "this user may not read it";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
