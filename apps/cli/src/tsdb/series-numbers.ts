import { type Labels, labelsKey } from "@tatou/model";

/** Numbers for series, counted from 0, by texts that stand for label sets. */
export class SeriesNumbers {
  /** Of each series, by its number; each label set once. */
  readonly labels: Labels[] = [];
  readonly #byText = new Map<string, number>();
  readonly #byKey = new Map<string, number>();

  /** @param text stands for the labels; there may be several for one label set */
  numberOf(text: string, labelsOf: () => Labels): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const labels = labelsOf();
    const key = labelsKey(labels);
    const number = this.#byKey.get(key) ?? this.labels.push(labels) - 1;
    this.#byKey.set(key, number);
    this.#byText.set(text, number);
    return number;
  }
}
