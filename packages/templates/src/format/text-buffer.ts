import { TemplateLimitError } from "../errors.ts";

/** Text that grows up to a limit. */
export class TextBuffer {
  readonly #lengthMax: number;
  #text = "";

  /** @param lengthMax in UTF-16 code units */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** @throws {TemplateLimitError} the text would be longer than allowed */
  write(text: string): void {
    if (this.#text.length + text.length > this.#lengthMax)
      throw new TemplateLimitError(`text is longer than ${this.#lengthMax} characters`);
    this.#text += text;
  }

  toString(): string {
    return this.#text;
  }
}
