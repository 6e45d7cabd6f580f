import type { Diagnostic } from "@tatou/model";
import type { PdfRefusal } from "../pdf/pdf-verdict.ts";

/** No mark of the method is in the file. */
export class SecretNotFoundError extends Error implements Diagnostic {
  override readonly name = "SecretNotFoundError";
  readonly code = "secret_not_found";
  readonly hint = "Name the method that marked this copy; a copy that was converted may have lost its mark";

  constructor(method: string) {
    super(`Cannot read watermark: found no mark of ${method}`);
  }
}

/** A mark is in the file and does not open with the key, or was altered. */
export class WatermarkKeyError extends Error implements Diagnostic {
  override readonly name = "WatermarkKeyError";
  readonly code = "invalid_key";
  readonly hint = "Use the key that the copy was marked with";

  constructor(method: string) {
    super(`Cannot read watermark: the mark of ${method} does not open with this key`);
  }
}

/** Layers of one file open with the same key and say different things. */
export class WatermarkDisagreementError extends Error implements Diagnostic {
  override readonly name = "WatermarkDisagreementError";
  readonly code = "watermark_disagreement";
  readonly hint = "Read each layer by its own method; the copy was marked more than once or put together from several";
  /** Methods whose marks opened, in the order they were read. */
  readonly methods: readonly string[];

  constructor(methods: readonly string[]) {
    super(`Cannot read watermark: the marks of ${methods.join(", ")} differ, expected one secret`);
    this.methods = methods;
  }
}

const refusalTexts: Readonly<Record<PdfRefusal, string>> = {
  parse_error: "the file cannot be parsed",
  encrypted: "the file is encrypted",
  malicious: "the file carries active content",
  limits: "the file is beyond a limit",
};

/** A file cannot be worked on. */
export class PdfOperationError extends Error implements Diagnostic {
  override readonly name = "PdfOperationError";
  readonly code = "pdf_operation";
  readonly hint = "Save the document again with another program, without a password, and retry";
  readonly reason: PdfRefusal;

  constructor(reason: PdfRefusal, cause?: unknown) {
    super(`Cannot work on PDF: ${refusalTexts[reason]}`, { cause });
    this.reason = reason;
  }
}
