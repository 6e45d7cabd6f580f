import type { Diagnostic } from "@tatou/model";

/** A file of samples that cannot be put into blocks. */
export class ImportFileError extends Error implements Diagnostic {
  override readonly name = "ImportFileError";
  readonly code = "import_file";
  readonly hint: string;

  constructor(place: { readonly file: string; readonly line: number }, reason: string, hint: string) {
    super(`Cannot import ${place.file}, line ${place.line}: ${reason}`);
    this.hint = hint;
  }
}

/** The range or the files of recording rules to be evaluated make no sense. */
export class RuleImportError extends Error implements Diagnostic {
  override readonly name = "RuleImportError";
  readonly code = "rule_import";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A block or data directory that was asked for is not there. */
export class NoSuchBlockError extends Error implements Diagnostic {
  override readonly name = "NoSuchBlockError";
  readonly code = "no_such_block";
  readonly hint = "`tatou tsdb list DIRECTORY` names the blocks of a data directory";

  constructor(directory: string, ulid: string | undefined) {
    const found = ulid === undefined ? "no block" : `no block ${JSON.stringify(ulid)}`;
    super(`Cannot analyze ${directory}: found ${found}, expected one`);
  }
}

/** Rule files that cannot be evaluated: everything that is wrong with them. */
export class RuleFilesError extends Error {
  override readonly name = "RuleFilesError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join("\n"));
    this.diagnostics = diagnostics;
  }
}
