import type { Diagnostic } from "@tatou/model";
import type { PdfRefusal } from "@tatou/server";

/** Scripts tell by these what happened; the reference implementation has the same. */
export const watermarkExitCodes = { usage: 2, notFound: 3, wrongKey: 4, other: 5 } as const;

type Failure = keyof typeof watermarkExitCodes;

interface Words {
  readonly message: string;
  readonly hint: string;
}

/** The command ends without having done what it was asked for. */
export class WatermarkCommandError extends Error implements Diagnostic {
  override readonly name = "WatermarkCommandError";
  readonly code: string;
  readonly hint: string;
  readonly exitCode: number;

  constructor(failure: Failure, { message, hint }: Words) {
    super(message);
    this.code = `watermark_${failure}`;
    this.hint = hint;
    this.exitCode = watermarkExitCodes[failure];
  }
}

const refusals: Readonly<Record<PdfRefusal, Words>> = {
  parse_error: {
    message: "found a file that cannot be parsed, expected a PDF document",
    hint: "Open it with another program and save it again",
  },
  encrypted: {
    message: "found an encrypted document, expected one without a password",
    hint: "Save it without a password first",
  },
  malicious: {
    message: "found scripts, programs or players in it, expected a document that does nothing by itself",
    hint: "Print it into a new PDF file first",
  },
  limits: {
    message: "found more inside than the limits on time and memory allow, expected an ordinary document",
    hint: "Print it into a new PDF file first",
  },
};

/** @param work such as `mark`, for the sentence about it */
export function refusedError(work: string, file: string, reason: PdfRefusal): WatermarkCommandError {
  const { message, hint } = refusals[reason];
  return new WatermarkCommandError("other", { message: `Cannot ${work} ${JSON.stringify(file)}: ${message}`, hint });
}
