/** What a token is; the words of the language have a kind of their own. */
export type TokenKind =
  | "text"
  | "leftDelimiter"
  | "rightDelimiter"
  | "space"
  | "assign"
  | "declare"
  | "pipe"
  | "comma"
  | "character"
  | "leftParenthesis"
  | "rightParenthesis"
  | "identifier"
  | "field"
  | "variable"
  | "string"
  | "rawString"
  | "charConstant"
  | "number"
  | "boolean"
  | "dot"
  | "nil"
  | Keyword
  | "error"
  | "end-of-text";

export type Keyword = "block" | "break" | "continue" | "define" | "else" | "end" | "if" | "range" | "template" | "with";

/** One token; positions are UTF-16 offsets into the whole text, the line counts from 1. */
export interface Token {
  readonly kind: TokenKind;
  /** As written; for an error its message. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** The words with a meaning of their own. `break` and `continue` give way to functions of that name. */
export const keywords: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ["block", "block"],
  ["break", "break"],
  ["continue", "continue"],
  ["define", "define"],
  ["else", "else"],
  ["end", "end"],
  ["if", "if"],
  ["nil", "nil"],
  ["range", "range"],
  ["template", "template"],
  ["with", "with"],
  ["true", "boolean"],
  ["false", "boolean"],
]);
