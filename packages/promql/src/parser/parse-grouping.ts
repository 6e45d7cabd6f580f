import { stringValue } from "./literals.ts";
import type { Token } from "./token.ts";
import { reservedWords } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** Reads `(job, "other.label")` after by, without, on, ignoring, group_left and group_right. */
export function parseGroupingLabels(stream: TokenStream): readonly string[] {
  stream.beginContext({ ...grouping, expected: '"("' });
  stream.expect("(");
  stream.endContext();
  const labels: string[] = [];
  while (stream.kind() !== ")") {
    stream.beginContext({ ...grouping, expected: "label" });
    labels.push(parseGroupingLabel(stream));
    stream.endContext();
    stream.beginContext({ ...grouping, expected: '"," or ")"' });
    if (stream.kind() !== ")") stream.expect(",");
    stream.endContext();
  }
  stream.take();
  return labels;
}

const grouping = { name: "grouping opts", hint: "List label names, as in (job, instance)" };

function parseGroupingLabel(stream: TokenStream): string {
  const token = stream.token();
  if (!isLabelToken(token)) stream.unexpected();
  stream.take();
  const name = token.kind === "string" ? stringValue(token) : token.text;
  if (name === "")
    stream.fail('invalid label name for grouping: ""', token.span, "A label name has at least one character");
  return name;
}

/** Keywords are label names here, numbers like Inf are not. */
function isLabelToken(token: Token): boolean {
  if (token.kind === "identifier" || token.kind === "metricIdentifier" || token.kind === "string") return true;
  return token.kind !== "number" && reservedWords.has(token.kind);
}
