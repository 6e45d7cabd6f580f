import { isNetwork } from "./net/address.ts";

/** Reads typed values from environment variables and gathers what is wrong with them, one sentence each. */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  addProblem(sentence: string): void {
    this.problems.push(sentence);
  }

  /** Null when the variable is absent or empty. */
  optionalText(name: string): string | null {
    const text = this.#env[name]?.trim() ?? "";
    return text === "" ? null : text;
  }

  text(name: string, fallback: string): string {
    return this.optionalText(name) ?? fallback;
  }

  oneOf(name: string, choices: readonly string[], fallback: string): string {
    const text = this.text(name, fallback);
    if (choices.includes(text)) return text;
    this.addProblem(`${name} is ${JSON.stringify(text)}, expected ${choices.join(", ")}`);
    return fallback;
  }

  /** @param range both bounds inclusive */
  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const text = this.optionalText(name);
    if (text === null) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range.min && value <= range.max) return value;
    this.addProblem(`${name} is ${JSON.stringify(text)}, expected a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  /** A list of addresses and CIDR networks, separated by commas or spaces. */
  networks(name: string, fallback: readonly string[]): readonly string[] {
    const text = this.optionalText(name);
    if (text === null) return fallback;
    const cidrs = text.split(/[\s,]+/).filter((cidr) => cidr !== "");
    for (const cidr of cidrs.filter((entry) => !isNetwork(entry))) {
      this.addProblem(`${name} has ${JSON.stringify(cidr)}, expected an address or a network such as 10.0.0.0/8`);
    }
    return cidrs;
  }
}
