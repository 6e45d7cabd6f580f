import type { GoValue } from "../values/go-value.ts";

/** One %-directive of a format. */
export interface Directive {
  /** One character; "" when the format ends before it. */
  readonly verb: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | null;
  readonly precision: number | null;
  /** BADWIDTH or BADPREC, when a * had no usable number. */
  readonly problem: string | null;
  readonly hasBadIndex: boolean;
  /** Just behind the directive. */
  readonly end: number;
}

/** %v as Sprint uses it. */
export const plainDirective: Directive = {
  verb: "v",
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: null,
  precision: null,
  problem: null,
  hasBadIndex: false,
  end: 0,
};

/** Go takes wider fields for a mistake. */
const sizeMax = 1_000_000;

interface DirectiveInput {
  readonly format: string;
  /** Just behind the percent sign. */
  readonly start: number;
  readonly args: readonly GoValue[];
  /** Which operand comes next; moved by [n] and by *. */
  readonly state: { nextArg: number; isReordered: boolean };
}

export function parseDirective(input: DirectiveInput): Directive {
  const flags = /[ +\-#0]*/y;
  flags.lastIndex = input.start;
  const flagText = flags.exec(input.format)![0];
  const reader = new SizeReader(input, input.start + flagText.length);
  const width = reader.readSize("BADWIDTH");
  const precision = reader.readPrecision();
  reader.readIndex();
  const code = input.format.codePointAt(reader.position);
  const verb = code === undefined ? "" : String.fromCodePoint(code);
  const minus = flagText.includes("-") || (width !== null && width < 0);
  return {
    verb,
    plus: flagText.includes("+"),
    minus,
    sharp: flagText.includes("#"),
    space: flagText.includes(" "),
    zero: flagText.includes("0") && !minus,
    width: width === null ? null : Math.abs(width),
    precision,
    problem: reader.problem,
    hasBadIndex: reader.hasBadIndex,
    end: reader.position + verb.length,
  };
}

/** Reads width and precision: a number, a * or a [n]*. */
class SizeReader {
  position: number;
  problem: string | null = null;
  hasBadIndex = false;
  readonly #input: DirectiveInput;

  constructor(input: DirectiveInput, position: number) {
    this.#input = input;
    this.position = position;
  }

  readPrecision(): number | null {
    if (this.#input.format[this.position] !== ".") return null;
    this.position++;
    const precision = this.readSize("BADPREC");
    if (precision !== null && precision < 0) {
      this.problem = "BADPREC";
      return null;
    }
    return precision ?? (this.problem === "BADPREC" ? null : 0);
  }

  readSize(problem: string): number | null {
    this.readIndex();
    const { format } = this.#input;
    if (format[this.position] === "*") {
      this.position++;
      return this.#sizeFromOperand(problem);
    }
    const digits = /\d*/y;
    digits.lastIndex = this.position;
    const text = digits.exec(format)![0];
    this.position += text.length;
    return text === "" || Number(text) > sizeMax ? null : Number(text);
  }

  #sizeFromOperand(problem: string): number | null {
    const { args, state } = this.#input;
    const value = args[state.nextArg++];
    if (typeof value === "bigint" && value <= sizeMax && value >= -sizeMax) return Number(value);
    this.problem = problem;
    return null;
  }

  /** [n] makes operand n the next one. */
  readIndex(): void {
    const { format, args, state } = this.#input;
    const pattern = /\[(\d*)\]/y;
    pattern.lastIndex = this.position;
    const match = pattern.exec(format);
    if (match === null) return;
    this.position += match[0].length;
    state.isReordered = true;
    const index = Number(match[1]) - 1;
    if (match[1] !== "" && index >= 0 && index < args.length) state.nextArg = index;
    else this.hasBadIndex = true;
  }
}
