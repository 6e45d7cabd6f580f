import type { Diagnostic } from "@tatou/model";
import { systemReason } from "../system-error.ts";

const chooseAnother = "choose another directory with --state-dir";

/** The directory of `--state-dir` cannot be used. */
export class StateDirectoryError extends Error implements Diagnostic {
  override readonly name = "StateDirectoryError";
  readonly code = "state_directory";
  readonly hint: string;

  constructor(directory: string, cause: unknown) {
    const problem = cause as NodeJS.ErrnoException;
    const { code = "", path = directory } = problem;
    super(
      `Cannot write ${JSON.stringify(path)}: ${systemReason(problem)}, expected a directory that this user may write`,
      { cause },
    );
    this.hint = hints[code] ?? `Repair it, or ${chooseAnother}`;
  }
}

const hints: Readonly<Record<string, string>> = {
  EACCES: `Give it to the user who runs this command (an earlier start with sudo leaves such files), or ${chooseAnother}`,
  ENOSPC: `Make room, or ${chooseAnother}`,
};

/** Two stacks on one state would write the same files. */
export class StateInUseError extends Error implements Diagnostic {
  override readonly name = "StateInUseError";
  readonly code = "state_in_use";
  readonly hint = `Stop the other one, or ${chooseAnother} and other ports`;

  constructor(directory: string, holder: string) {
    super(`Cannot start: another tatou up (${holder}) uses ${JSON.stringify(directory)}, expected it free`);
  }
}
