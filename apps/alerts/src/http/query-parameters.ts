import { RequestError, typeCode } from "./json-body.ts";

/** The parameters after the question mark; a name may come several times. */
export class QueryParameters {
  readonly #parameters: URLSearchParams;

  /** @param url of a request: path and query */
  constructor(url: string) {
    const start = url.indexOf("?");
    this.#parameters = new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
  }

  all(name: string): readonly string[] {
    return this.#parameters.getAll(name);
  }

  /** Null when absent or empty. */
  text(name: string): string | null {
    return this.#parameters.get(name) || null;
  }

  /** True when absent. @throws {RequestError} */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text === null) return true;
    if (trueTexts.has(text.toLowerCase())) return true;
    if (falseTexts.has(text.toLowerCase())) return false;
    throw new RequestError(`${name} in query must be of type boolean: ${JSON.stringify(text)}`, { code: typeCode });
  }

  /** A whole number from 0. */
  count(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new RequestError(`${name} in query must be of type integer: ${JSON.stringify(text)}`, { code: typeCode });
  }
}

/** Besides those, go-openapi reads y and n, and ok; unknown words are refused here instead of read as false. */
const trueTexts = new Set(["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"]);
const falseTexts = new Set(["false", "0", "no", "n", "off", "f", "disabled"]);
