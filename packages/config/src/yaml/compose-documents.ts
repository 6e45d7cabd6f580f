import { Composer, type CST, type Document, Lexer, Parser } from "yaml";

/** In UTF-16 code units. The largest rule files in the wild are a tenth of it. */
export const textLengthMax = 4 * 1024 * 1024;
/** Pieces of a file such as keys, values, signs and blanks: several per line. Bounds the memory of reading it. */
const pieceCountMax = 500_000;
/** Open lists and maps at a time; a level of a file takes up to two of them. */
const openCountMax = 250;

/** A text that is larger or deeper than any configuration. */
export class YamlLimitError extends RangeError {
  override readonly name = "YamlLimitError";
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/**
 * The documents of a YAML text, scalars left as text, duplicate keys left in, errors in each document's `errors`.
 *
 * The library's composer and its visitors descend by recursion, and a stack that is nearly full makes the regular
 * expressions of the platform end the process. So the depth is watched while the text is cut into pieces, which needs
 * no recursion, before anything descends.
 * @throws {YamlLimitError}
 */
export function composeDocuments(text: string): Document.Parsed[] {
  if (text.length > textLengthMax)
    throw new YamlLimitError(`found ${text.length} characters, expected at most ${textLengthMax}`, 0);
  const composer = new Composer({
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  return [...composer.compose(parseTokens(text), false, text.length)];
}

function parseTokens(text: string): CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let pieceCount = 0;
  for (const piece of new Lexer().lex(text)) {
    tokens.push(...parser.next(piece));
    pieceCount++;
    if (parser.stack.length > openCountMax) throw new YamlLimitError("nested deeper than 100 levels", parser.offset);
    if (pieceCount > pieceCountMax)
      throw new YamlLimitError(`more than ${pieceCountMax} keys, values and signs`, parser.offset);
  }
  tokens.push(...parser.end());
  return tokens;
}
