/** What a terminal shows after it was sent some text: enough of one for what our commands send. */
export class Terminal {
  readonly #columns: number;
  readonly #lines: string[] = [""];
  column = 0;
  isCursorHidden = false;
  isColored = false;

  private constructor(columns: number) {
    this.#columns = columns;
  }

  static showing(sent: string, columns: number): Terminal {
    const terminal = new Terminal(columns);
    // oxlint-disable-next-line no-control-regex -- a terminal is made of them
    for (const [token] of sent.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu)) terminal.#take(token);
    return terminal;
  }

  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join("\n");
  }

  get lastLine(): string {
    return this.#lines.at(-1)!;
  }

  #take(token: string): void {
    if (token === "\n") this.#lines.push("");
    else if (token === "\r") this.column = 0;
    else if (token.startsWith("\u001b[")) this.#obey(token);
    else this.#put(token);
  }

  #obey(sequence: string): void {
    const line = this.#lines.length - 1;
    if (sequence === "\u001b[K") this.#lines[line] = this.#lines[line]!.slice(0, this.column);
    else if (sequence === "\u001b[?25l") this.isCursorHidden = true;
    else if (sequence === "\u001b[?25h") this.isCursorHidden = false;
    else if (sequence.endsWith("m")) this.isColored = !/\[(?:0|22|39|49)?m$/.test(sequence);
    else if (!/\[\d*[GJ]$/.test(sequence)) throw new Error(`Unknown sequence ${JSON.stringify(sequence)}`);
  }

  #put(character: string): void {
    if (this.column === this.#columns) {
      this.#lines.push("");
      this.column = 0;
    }
    const line = this.#lines.length - 1;
    const text = this.#lines[line]!.padEnd(this.column);
    this.#lines[line] = text.slice(0, this.column) + character + text.slice(this.column + 1);
    this.column++;
  }
}
