import { type Alert, alertName, alertSize } from "./alert.ts";

/** More distinct alerts than this are refused (and counted): what no person can read must not end the program. */
export const alertCountMax = 50_000;
/** One name may have a share of that, so that a rule that gives too many alerts leaves room for the others. */
const nameCountMax = 10_000;
/** The texts of all alerts, and of those with one name. */
const charactersMax = 128 * 1024 * 1024;
const nameCharactersMax = charactersMax / 4;

interface Usage {
  count: number;
  characters: number;
}

/** Accounts for how many alerts are kept and how large they are. */
export class AlertQuota {
  readonly #all: Usage = { count: 0, characters: 0 };
  readonly #byName = new Map<string, Usage>();

  hasRoomFor(alert: Alert): boolean {
    const size = alertSize(alert);
    const ofName = this.#byName.get(alertName(alert)) ?? { count: 0, characters: 0 };
    return (
      this.#all.count < alertCountMax &&
      this.#all.characters + size <= charactersMax &&
      ofName.count < nameCountMax &&
      ofName.characters + size <= nameCharactersMax
    );
  }

  add(alert: Alert): void {
    this.#change(alert, 1);
  }

  remove(alert: Alert): void {
    this.#change(alert, -1);
  }

  #change(alert: Alert, sign: 1 | -1): void {
    const name = alertName(alert);
    const ofName = this.#byName.get(name) ?? { count: 0, characters: 0 };
    for (const usage of [this.#all, ofName]) {
      usage.count += sign;
      usage.characters += sign * alertSize(alert);
    }
    if (ofName.count === 0) this.#byName.delete(name);
    else this.#byName.set(name, ofName);
  }
}
