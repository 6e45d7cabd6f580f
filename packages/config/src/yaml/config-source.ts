import type { Diagnostic, SourcePosition } from "@tatou/model";
import { ConfigError } from "../errors.ts";

/** Enough for a person to work through; a file of another kind would otherwise give one fault per line. */
const diagnosticCountMax = 100;

/** One file while it is read: knows its lines and collects what is wrong, so that all of it is told at once. */
export class ConfigSource {
  readonly file: string;
  readonly #lineStarts: readonly number[];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #warnings: Diagnostic[] = [];

  constructor(file: string, text: string) {
    this.file = file;
    const lineStarts = [0];
    for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1))
      lineStarts.push(index + 1);
    this.#lineStarts = lineStarts;
  }

  position(offset: number): SourcePosition {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }

  fault(offset: number, message: string, hint?: string): void {
    this.faultAt(this.position(offset), message, hint);
  }

  faultAt(position: SourcePosition, message: string, hint?: string): void {
    if (this.#diagnostics.length >= diagnosticCountMax) return;
    this.#diagnostics.push({ code: "config_invalid", message, position, ...(hint === undefined ? {} : { hint }) });
  }

  /** For what is odd, but no reason to refuse the file. */
  warn(offset: number, message: string, hint?: string): void {
    if (this.#warnings.length >= diagnosticCountMax) return;
    const position = this.position(offset);
    this.#warnings.push({ code: "config_ignored", message, position, ...(hint === undefined ? {} : { hint }) });
  }

  /** In the order of the file. */
  get warnings(): readonly Diagnostic[] {
    return [...this.#warnings].sort(compareByLine);
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** Takes over what another file, read for this one, had wrong. */
  adopt(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics.slice(0, diagnosticCountMax - this.#diagnostics.length));
  }

  /** @throws {ConfigError} something was wrong */
  throwFaults(): void {
    if (this.#diagnostics.length > 0) throw new ConfigError([...this.#diagnostics].sort(compareByLine));
  }
}

/** In the order of the file; those of other files stay where they are found, behind. */
function compareByLine(left: Diagnostic, right: Diagnostic): number {
  if (left.position === undefined || left.position.file !== right.position?.file) return 0;
  return left.position.line - right.position.line;
}
