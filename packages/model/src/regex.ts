import { RE2JS } from "re2js";
import { RegexSyntaxError } from "./errors.ts";
import { expandTemplate } from "./expand-template.ts";
import { literalSetOf, locateLiteral, matchWildcards, parseWildcards, type WildcardPattern } from "./simple-regex.ts";

/** A regular expression in RE2 syntax, anchored at both ends, dot matching newlines: as label matchers and relabelling use it. */
export interface AnchoredRegex {
  /** As the user wrote it, without the anchors. */
  readonly source: string;
  /** The only texts it accepts, when it is a plain list of them such as "a|b": an index looks them up one by one. */
  readonly literals: readonly string[] | undefined;
  /** Whether it accepts the whole text. Runs in time linear in the text. */
  test(text: string): boolean;
  /** The capture groups (index 0 is the whole match), or null. */
  match(text: string): readonly string[] | null;
  /** Replaces $1, ${1}, $name in a template by what the groups of `match` caught, by Go's Expand rules. */
  expand(template: string, groups: readonly string[]): string;
}

/** Compiled expressions that are kept: the same few are asked for again with every query. */
const cachedMax = 1000;
const cache = new Map<string, AnchoredRegex>();

/** @throws {RegexSyntaxError} with Go's wording, such as: error parsing regexp: missing closing ]: `[a` */
export function compileAnchoredRegex(source: string): AnchoredRegex {
  const cached = cache.get(source);
  if (cached !== undefined) return cached;
  const regex = compile(source);
  for (const oldest of cache.keys()) {
    if (cache.size < cachedMax) break;
    cache.delete(oldest);
  }
  cache.set(source, regex);
  return regex;
}

/** Most expressions in practice are lists of texts, or a text with "anything" before or after: these need no automaton. */
function compile(source: string): AnchoredRegex {
  const literals = literalSetOf(source);
  if (literals !== undefined) return new LiteralSetRegex(source, literals);
  const wildcards = parseWildcards(source);
  if (wildcards !== undefined) return new WildcardRegex(source, wildcards);
  return new Re2Regex(source, compileRe2(source));
}

function compileRe2(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.DOTALL);
  } catch {
    try {
      // Once more without the flag, which the message would quote as if the user had written it.
      return RE2JS.compile(source);
    } catch (error) {
      throw new RegexSyntaxError(source, error);
    }
  }
}

class LiteralSetRegex implements AnchoredRegex {
  readonly source: string;
  readonly literals: readonly string[];
  readonly #set: ReadonlySet<string>;

  constructor(source: string, literals: readonly string[]) {
    this.source = source;
    this.literals = literals;
    this.#set = new Set(literals);
  }

  test(text: string): boolean {
    return this.#set.has(text);
  }

  match(text: string): readonly string[] | null {
    return this.#set.has(text) ? [text] : null;
  }

  expand(template: string, groups: readonly string[]): string {
    return expandNumbered(template, groups);
  }
}

class WildcardRegex implements AnchoredRegex {
  readonly source: string;
  readonly literals = undefined;
  readonly #pattern: WildcardPattern;

  constructor(source: string, pattern: WildcardPattern) {
    this.source = source;
    this.#pattern = pattern;
  }

  test(text: string): boolean {
    return locateLiteral(this.#pattern, text) !== -1;
  }

  match(text: string): readonly string[] | null {
    return matchWildcards(this.#pattern, text);
  }

  expand(template: string, groups: readonly string[]): string {
    return expandNumbered(template, groups);
  }
}

class Re2Regex implements AnchoredRegex {
  readonly source: string;
  readonly literals = undefined;
  readonly #pattern: RE2JS;

  constructor(source: string, pattern: RE2JS) {
    this.source = source;
    this.#pattern = pattern;
  }

  test(text: string): boolean {
    return this.#pattern.matches(text);
  }

  match(text: string): readonly string[] | null {
    const matcher = this.#pattern.matcher(text);
    if (!matcher.matches()) return null;
    const groups: string[] = [];
    for (let index = 0; index <= matcher.groupCount(); index++) groups.push(matcher.group(index) ?? "");
    return groups;
  }

  expand(template: string, groups: readonly string[]): string {
    const names = this.#pattern.namedGroups();
    const groupOf = (name: string): string => groups[isNumber(name) ? Number(name) : (names[name] ?? -1)] ?? "";
    return expandTemplate(template, groupOf, Number.POSITIVE_INFINITY);
  }
}

function expandNumbered(template: string, groups: readonly string[]): string {
  const groupOf = (name: string): string => (isNumber(name) ? (groups[Number(name)] ?? "") : "");
  return expandTemplate(template, groupOf, Number.POSITIVE_INFINITY);
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}
