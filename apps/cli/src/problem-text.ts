import { type Diagnostic, formatDiagnostic } from "@tatou/model";
import { isFileError, systemReason } from "./system-error.ts";

/** What people read about an error: the diagnostic when it is one of ours, the stack when it is a defect. */
export function problemText(error: unknown): string {
  if (hasDiagnostics(error)) return error.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n");
  if (error instanceof Error && "code" in error && "hint" in error)
    return formatDiagnostic(error as Error & Diagnostic);
  if (isFileError(error)) return `Cannot ${verbOf(error)} ${error.path}: ${systemReason(error)}`;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}

/** The system's own words, but for those that people don't use. */
function verbOf({ syscall }: NodeJS.ErrnoException): string {
  return syscall === "scandir" ? "read directory" : (syscall ?? "use");
}

function hasDiagnostics(error: unknown): error is { readonly diagnostics: readonly Diagnostic[] } {
  return error instanceof Error && "diagnostics" in error && Array.isArray(error.diagnostics);
}
