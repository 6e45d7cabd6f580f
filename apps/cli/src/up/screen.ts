const eraseLine = "\r\u001b[K";
const columnsWithoutTerminal = 80;

/** The part of a stream that a screen needs. */
export interface ScreenOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What `tatou up` shows: messages that stay and, on a terminal, one last line that changes. */
export class Screen {
  readonly #output: ScreenOutput;
  #liveLine = "";
  #essence = "";

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true;
  }

  /** Prints a message above the live line. */
  print(message: string): void {
    this.#output.write(this.isTerminal ? `${eraseLine}${message}\n${this.#liveLine}` : `${message}\n`);
  }

  /**
   * Replaces the live line.
   * @param essence what of it is news: without a terminal a line is printed only when this changes
   */
  live(line: string, essence: string = line): void {
    if (this.isTerminal) {
      const fitted = fitLine(line, this.#output.columns ?? columnsWithoutTerminal);
      if (fitted !== this.#liveLine) this.#output.write(`${eraseLine}${fitted}`);
      this.#liveLine = fitted;
    } else if (essence !== this.#essence) {
      this.#output.write(`${line}\n`);
    }
    this.#essence = essence;
  }

  clearLive(): void {
    if (this.#liveLine !== "") this.#output.write(eraseLine);
    this.#liveLine = "";
    this.#essence = "";
  }
}

// oxlint-disable-next-line no-control-regex -- colours are escape sequences
const colorSequence = /\u001b\[[0-9;]*m/y;
const resetColors = "\u001b[0m";

/** Cuts a line that would wrap, and could then not be replaced; colours take no room and are ended. */
export function fitLine(line: string, columns: number): string {
  let kept = "";
  let width = 0;
  let isColored = false;
  for (let index = 0; index < line.length; ) {
    colorSequence.lastIndex = index;
    const sequence = colorSequence.exec(line)?.[0];
    if (sequence !== undefined) {
      kept += sequence;
      isColored = true;
      index += sequence.length;
      continue;
    }
    // The last column stays free: some terminals wrap as soon as it is filled.
    if (width === columns - 2 && restWidth(line, index) > 1) return `${kept}…${isColored ? resetColors : ""}`;
    kept += line[index]!;
    width++;
    index++;
  }
  return kept;
}

function restWidth(line: string, index: number): number {
  return line.slice(index).replace(new RegExp(colorSequence.source, "g"), "").length;
}
