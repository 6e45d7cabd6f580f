/**
 * The regular expressions that need no automaton:
 *
 *   a|b|c       a list of texts, also in one group that captures nothing: (?:a|b)
 *   a.*         a text with any characters before it, after it, or both; .+ wants at least one
 *   (.*)        and with the wildcards in groups of their own, as relabelling likes them: a_(.+)
 *
 * Every other expression is none of ours, and goes to RE2.
 */
export interface WildcardPattern {
  readonly before: Wildcard | undefined;
  readonly literal: string;
  readonly after: Wildcard | undefined;
}

interface Wildcard {
  readonly lengthMin: 0 | 1;
  readonly isGroup: boolean;
}

/** Lists longer than this stay with RE2, whose parser has seen to it that they are sane. */
const literalsMax = 1000;

/** The texts of an expression that is a list of them; undefined for every other. */
export function literalSetOf(source: string): readonly string[] | undefined {
  const list = source.startsWith("(?:") && source.endsWith(")") ? source.slice(3, -1) : source;
  // An escaped bar is part of a text; such a list is rare enough to be left to RE2.
  const parts = list.split("|");
  if (parts.length > literalsMax) return undefined;
  const literals: string[] = [];
  for (const part of parts) {
    const literal = literalOf(part);
    if (literal === undefined) return undefined;
    literals.push(literal);
  }
  return [...new Set(literals)];
}

/** The parts of an expression that is one text with wildcards around it; undefined for every other. */
export function parseWildcards(source: string): WildcardPattern | undefined {
  const parts = /^(\.[*+]|\(\.[*+]\))?(.*?)(\.[*+]|\(\.[*+]\))?$/s.exec(source);
  const literal = literalOf(parts?.[2] ?? "");
  if (parts === null || literal === undefined) return undefined;
  return { before: wildcardOf(parts[1]), literal, after: wildcardOf(parts[3]) };
}

function wildcardOf(part: string | undefined): Wildcard | undefined {
  if (part === undefined) return undefined;
  return { lengthMin: part.includes("+") ? 1 : 0, isGroup: part.startsWith("(") };
}

/** The text an expression without operators stands for: no special characters but escaped punctuation. */
function literalOf(source: string): string | undefined {
  return /^(?:[^\\.+*?()|[\]{}^$]|\\[\\.+*?()|[\]{}^$\-/])*$/.test(source)
    ? source.replace(/\\([^])/g, "$1")
    : undefined;
}

/** Where the literal stands in a text that the pattern accepts; -1 in any other. Wildcards are greedy, the first most. */
export function locateLiteral({ before, literal, after }: WildcardPattern, text: string): number {
  const atMin = before?.lengthMin ?? 0;
  const atMax = text.length - literal.length - (after?.lengthMin ?? 0);
  if (before === undefined)
    return text.startsWith(literal) && (after === undefined ? atMax === 0 : atMax >= 0) ? 0 : -1;
  if (after === undefined) return atMax >= atMin && text.endsWith(literal) ? atMax : -1;
  // lastIndexOf takes a negative position for 0.
  const at = atMax < atMin ? -1 : text.lastIndexOf(literal, atMax);
  return at >= atMin ? at : -1;
}

/** The whole text and what the wildcards in groups caught; null for a text that is not accepted. */
export function matchWildcards(pattern: WildcardPattern, text: string): readonly string[] | null {
  const at = locateLiteral(pattern, text);
  if (at === -1) return null;
  const groups = [text];
  if (pattern.before?.isGroup === true) groups.push(text.slice(0, at));
  if (pattern.after?.isGroup === true) groups.push(text.slice(at + pattern.literal.length));
  return groups;
}
