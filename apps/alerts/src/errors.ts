import type { Diagnostic } from "@tatou/model";

/** A file that the configuration consists of cannot be read. */
export class ConfigurationFileError extends Error implements Diagnostic {
  override readonly name = "ConfigurationFileError";
  readonly code = "config_file";
  readonly hint: string;
  readonly file: string;

  /** @param kind "configuration" for the file that says where alerts go, "template" for one that it names, "rules" for others */
  constructor(kind: keyof typeof expectations, file: string, cause: unknown) {
    super(`Cannot read ${file}: ${reasonOf(cause)}, expected ${expectations[kind]}`, { cause });
    this.file = file;
    this.hint = hints[kind];
  }
}

const expectations = {
  configuration: "an alertmanager.yml, which says whom to tell what",
  template: "a file of notification templates",
  rules: "a prometheus.yml or a rule file that it names",
} as const;

const hints = {
  configuration: "Give the path of an alertmanager.yml with --config.file, or put one there",
  template: "Make it readable, or take it out of templates in the configuration",
  rules: "Give the path of a prometheus.yml with --prometheus.config; paths in it are relative to its folder",
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

/** A test of notifications was asked for while another runs. */
export class NotificationTestBusyError extends Error implements Diagnostic {
  override readonly name = "NotificationTestBusyError";
  readonly code = "notification_test_busy";
  readonly hint = "Wait for its end, a minute at most, and try again";

  constructor() {
    super("Cannot test notifications: another test is under way");
  }
}

/** The alert of a test of notifications cannot be told from the rule files. */
export class UnknownAlertError extends Error implements Diagnostic {
  override readonly name = "UnknownAlertError";
  readonly code = "unknown_alert";
  readonly hint: string;

  constructor(alert: string, file: string, hint: string) {
    super(`Cannot test alert ${JSON.stringify(alert)}: no rule file of ${file} has it`);
    this.hint = hint;
  }
}
