/**
 * Just enough of a language's grammar to read declarations: comments become spaces, so that offsets stay what they were,
 * and a bracket is found with its partner, past strings.
 */
export type SourceLanguage = "javascript" | "python";

/** The text with blanks for comments. */
export function withoutComments(text: string, language: SourceLanguage): string {
  let result = "";
  let index = 0;
  while (index < text.length) {
    const end = language === "python" ? pythonCommentEnd(text, index) : javascriptCommentEnd(text, index);
    if (end !== null) {
      result += text.slice(index, end).replaceAll(/[^\n]/g, " ");
      index = end;
      continue;
    }
    const stringEnd = endOfString(text, index);
    const next = stringEnd ?? index + 1;
    result += text.slice(index, next);
    index = next;
  }
  return result;
}

function pythonCommentEnd(text: string, index: number): number | null {
  return text[index] === "#" ? endOf(text, "\n", index) : null;
}

function javascriptCommentEnd(text: string, index: number): number | null {
  if (text[index] !== "/") return null;
  if (text[index + 1] === "/") return endOf(text, "\n", index);
  if (text[index + 1] !== "*") return null;
  const end = text.indexOf("*/", index + 2);
  return end === -1 ? text.length : end + 2;
}

function endOf(text: string, mark: string, index: number): number {
  const end = text.indexOf(mark, index);
  return end === -1 ? text.length : end;
}

/** Behind the string that begins here; null when none does. A quote that stays open on its line is none. */
export function endOfString(text: string, index: number): number | null {
  const quote = text[index];
  if (quote !== '"' && quote !== "'" && quote !== "`") return null;
  const triple = quote.repeat(3);
  if (quote !== "`" && text.startsWith(triple, index)) {
    const end = text.indexOf(triple, index + 3);
    return end === -1 ? null : end + 3;
  }
  for (let at = index + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n" && quote !== "`") return null;
  }
  return null;
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** A declaration is shorter; what is longer is a program's body. */
const insideMax = 20_000;

/** What stands between a bracket and its partner; null when it has none near. */
export function insideBrackets(text: string, open: number): string | null {
  const stack: string[] = [];
  const end = Math.min(text.length, open + insideMax);
  for (let index = open; index < end; index++) {
    const stringEnd = endOfString(text, index);
    if (stringEnd !== null) {
      index = stringEnd - 1;
      continue;
    }
    const character = text[index]!;
    const close = closing[character];
    if (close !== undefined) stack.push(close);
    else if (character === stack.at(-1)) {
      stack.pop();
      if (stack.length === 0) return text.slice(open + 1, index);
    }
  }
  return null;
}

/** The parts between the commas that stand in no bracket and no string. */
export function splitArguments(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const stringEnd = endOfString(text, index);
    if (stringEnd !== null) {
      index = stringEnd - 1;
      continue;
    }
    const character = text[index]!;
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

/** The text of a string literal; null for anything else, a template with holes included. */
export function literalText(expression: string): string | null {
  const match = /^(["'`])([^\\]*)\1$/s.exec(expression.trim());
  if (match === null) return null;
  const [, quote, inner] = match;
  return inner!.includes(quote!) || (quote === "`" && inner!.includes("${")) ? null : inner!;
}

/** The texts of a list of string literals; null for anything else. */
export function literalList(expression: string): readonly string[] | null {
  const text = expression.trim().replace(/\s+as\s+const$/, "");
  const isList = /^\[.*\]$/s.test(text) || /^\(.*\)$/s.test(text);
  if (!isList) return null;
  const texts = splitArguments(text.slice(1, -1)).map(literalText);
  return texts.includes(null) ? null : (texts as readonly string[]);
}
