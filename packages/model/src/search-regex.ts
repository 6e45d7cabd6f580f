import { RE2JS } from "re2js";
import { RegexSyntaxError } from "./errors.ts";
import { expandTemplate } from "./expand-template.ts";

/** A regular expression in RE2 syntax that may match anywhere in a text: as the functions of templates use it. */
export interface SearchRegex {
  readonly source: string;
  /** Whether some part of the text matches. Runs in time linear in the text. */
  test(text: string): boolean;
  /**
   * Replaces every match by the template, in which $1, ${1}, $name and $$ work by Go's Expand rules.
   * @throws {RangeError} the result would be longer than lengthMax UTF-16 code units
   */
  replaceAll(text: string, template: string, lengthMax: number): string;
}

/** @throws {RegexSyntaxError} with Go's wording, such as: error parsing regexp: missing closing ]: `[a` */
export function compileSearchRegex(source: string): SearchRegex {
  try {
    return new Re2SearchRegex(source, RE2JS.compile(source));
  } catch (error) {
    throw new RegexSyntaxError(source, error);
  }
}

class Re2SearchRegex implements SearchRegex {
  readonly source: string;
  readonly #pattern: RE2JS;

  constructor(source: string, pattern: RE2JS) {
    this.source = source;
    this.#pattern = pattern;
  }

  test(text: string): boolean {
    return this.#pattern.matcher(text).find();
  }

  replaceAll(text: string, template: string, lengthMax: number): string {
    const matcher = this.#pattern.matcher(text);
    const names = this.#pattern.namedGroups();
    const groupOf = (name: string): string => {
      const index = /^\d+$/.test(name) ? Number(name) : (names[name] ?? -1);
      return index >= 0 && index <= matcher.groupCount() ? (matcher.group(index) ?? "") : "";
    };
    let replaced = "";
    let copiedTo = 0;
    let lastEnd = -1;
    while (matcher.find()) {
      const start = matcher.start();
      const end = matcher.end();
      // Go leaves out an empty match that touches the match before it.
      if (start === end && start === lastEnd) continue;
      replaced += text.slice(copiedTo, start) + expandTemplate(template, groupOf, lengthMax);
      copiedTo = end;
      lastEnd = end;
      if (replaced.length > lengthMax) break;
    }
    replaced += text.slice(copiedTo);
    if (replaced.length > lengthMax) throw new RangeError(`replaced text is longer than ${lengthMax}`);
    return replaced;
  }
}
