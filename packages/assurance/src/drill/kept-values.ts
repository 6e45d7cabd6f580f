import type { HttpResponse } from "@tatou/model";
import { jsonFields } from "./sessions.ts";

/** Enough for any drill; what comes later is not kept. */
const countMax = 1000;
/** What can stand in a path; the platform under attack is not trusted with more. */
const valuePattern = /^[A-Za-z0-9_~-]{1,128}$/;

/** What a drill has read from answers, such as the ids of documents, by name. */
export class KeptValues {
  readonly #values = new Map<string, string[]>();

  /** @param fields name → field of the JSON body; answers without it, or with something odd there, are passed over */
  keep(response: HttpResponse, fields: Readonly<Record<string, string>>): void {
    const entries = Object.entries(fields);
    if (entries.length === 0) return;
    const body = jsonFields(response);
    for (const [name, field] of entries) {
      const value = Object.hasOwn(body, field) ? String(body[field]) : "";
      const values = this.#values.get(name) ?? [];
      if (valuePattern.test(value) && values.length < countMax) values.push(value);
      this.#values.set(name, values);
    }
  }

  /** They take turns; "0", which is the id of nothing, when there is none. */
  at(name: string, n: number): string {
    const values = this.#values.get(name) ?? [];
    return values[n % Math.max(1, values.length)] ?? "0";
  }
}
