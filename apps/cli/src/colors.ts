import { isatty } from "node:tty";
import picocolors from "picocolors";

const standardOutput = 1;

/**
 * Colours for terminals alone: a file or a pipe gets plain text, also in CI, where the library by itself would colour,
 * unless FORCE_COLOR asks for more.
 */
export const colors = picocolors.createColors(
  process.env["FORCE_COLOR"] !== undefined || (isatty(standardOutput) && process.env["NO_COLOR"] === undefined),
);
