import type { CallExpr, Expr } from "./ast.ts";
import { functionTable } from "./function-table.ts";
import type { TokenKind } from "./token.ts";
import type { ParseOperand, TokenStream } from "./token-stream.ts";

export function startsCall(stream: TokenStream): boolean {
  return functionWords.has(stream.kind()) && stream.peek().kind === "(";
}

const functionWords: ReadonlySet<TokenKind> = new Set([
  ...(["identifier", "start", "end", "step", "range", "min_of", "max_of"] as const),
]);

export function parseCall(stream: TokenStream, parseOperand: ParseOperand): CallExpr {
  const token = stream.take();
  const args = parseArguments(stream, parseOperand);
  const form = functionTable.get(token.text);
  if (form === undefined)
    return stream.fail(`unknown function with name ${JSON.stringify(token.text)}`, token.span, "Check the spelling");
  if (form.isExperimental && stream.features.experimentalFunctions !== true)
    stream.fail(
      `function ${JSON.stringify(token.text)} is not enabled`,
      token.span,
      "Enable promql-experimental-functions",
    );
  return { kind: "call", function: form.name, args, span: stream.spanFrom(token.span) };
}

/** Reads `(a, b)`. */
export function parseArguments(stream: TokenStream, parseOperand: ParseOperand): readonly Expr[] {
  stream.expect("(");
  if (stream.takeIf(")")) return [];
  const args: Expr[] = [parseOperand(stream, 0)];
  while (stream.kind() === ",") {
    const comma = stream.take();
    if (stream.kind() === ")")
      stream.fail("trailing commas not allowed in function call args", comma.span, "Remove the last comma");
    args.push(parseOperand(stream, 0));
  }
  stream.expect(")");
  return args;
}
