import { isLegacyLabelName, quote } from "@tatou/model";
import type { SilenceMatcher } from "./alerts-api.ts";

/** `severity=~"high|critical"` */
export function matcherText(matcher: SilenceMatcher): string {
  const operator = `${matcher.isEqual ? (matcher.isRegex ? "=" : "") : "!"}${matcher.isRegex ? "~" : "="}`;
  return `${isLegacyLabelName(matcher.name) ? matcher.name : quote(matcher.name)}${operator}${quote(matcher.value)}`;
}

/**
 * Reads one matcher as people type it; quotes around the value may be left out.
 * @returns null when it is none
 */
export function parseMatcherText(text: string): SilenceMatcher | null {
  const match = /^\s*("(?:[^"\\]|\\.)*"|[^\s=!~"]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text);
  if (match === null) return null;
  const [, name = "", operator = "", value = ""] = match;
  return {
    name: unquoted(name),
    value: unquoted(value),
    isRegex: operator.endsWith("~"),
    isEqual: !operator.startsWith("!"),
  };
}

function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, (_whole, character: string) => (character === "n" ? "\n" : character));
}
