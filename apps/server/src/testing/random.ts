/** Reproducible choices: equal seeds make equal sequences. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number below a bound. */
  below(countMax: number): number {
    return Math.floor(this.next() * countMax);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("Cannot pick: there are no choices");
    return choice;
  }

  /** Text of any kind: short, long, ASCII, other scripts, control characters, half surrogates. */
  text(lengthMax: number): string {
    const codes = Array.from({ length: this.below(lengthMax + 1) }, () =>
      this.chance(0.8) ? 0x20 + this.below(95) : this.below(0x1_0000),
    );
    return String.fromCharCode(...codes);
  }
}
