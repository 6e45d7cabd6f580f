/** Go's fmt.Sprint, Sprintln and Sprintf over GoValues. Text grows inside a limit, so hostile formats end early. */
import type { GoValue } from "../values/go-value.ts";
import { typeNameOf } from "../values/go-value.ts";
import { type Directive, parseDirective, plainDirective } from "./directive.ts";
import { TextBuffer } from "./text-buffer.ts";
import { formatValue } from "./value-format.ts";

/** Operands in their usual form, with a space between two that are both no strings. */
export function sprint(args: readonly GoValue[], lengthMax: number): string {
  const out = new TextBuffer(lengthMax);
  let wasString = true;
  for (const [index, arg] of args.entries()) {
    const isString = typeof arg === "string";
    if (index > 0 && !isString && !wasString) out.write(" ");
    formatValue(out, arg, plainDirective);
    wasString = isString;
  }
  return out.toString();
}

/** Operands with spaces between them and a line break behind. */
export function sprintln(args: readonly GoValue[], lengthMax: number): string {
  const out = new TextBuffer(lengthMax);
  for (const [index, arg] of args.entries()) {
    if (index > 0) out.write(" ");
    formatValue(out, arg, plainDirective);
  }
  out.write("\n");
  return out.toString();
}

/** Operands by a format with Go's verbs; mistakes stand in the text as Go puts them, such as %!d(string=a). */
export function sprintf(format: string, args: readonly GoValue[], lengthMax: number): string {
  const out = new TextBuffer(lengthMax);
  const state = { nextArg: 0, isReordered: false };
  let position = 0;
  while (position < format.length) {
    const percent = format.indexOf("%", position);
    out.write(format.slice(position, percent === -1 ? format.length : percent));
    if (percent === -1) break;
    const directive = parseDirective({ format, start: percent + 1, args, state });
    position = directive.end;
    writeDirective(out, directive, args, state);
  }
  if (!state.isReordered && state.nextArg < args.length) writeExtra(out, args.slice(state.nextArg));
  return out.toString();
}

function writeDirective(
  out: TextBuffer,
  directive: Directive,
  args: readonly GoValue[],
  state: { nextArg: number },
): void {
  if (directive.problem !== null) out.write(`%!(${directive.problem})`);
  if (directive.verb === "") out.write("%!(NOVERB)");
  else if (directive.verb === "%") out.write("%");
  else if (directive.hasBadIndex) out.write(`%!${directive.verb}(BADINDEX)`);
  else if (state.nextArg >= args.length) out.write(`%!${directive.verb}(MISSING)`);
  else formatValue(out, args[state.nextArg++], directive);
}

function writeExtra(out: TextBuffer, extra: readonly GoValue[]): void {
  out.write("%!(EXTRA ");
  for (const [index, arg] of extra.entries()) {
    if (index > 0) out.write(", ");
    out.write(typeNameOf(arg));
    if (arg === null || arg === undefined) continue;
    out.write("=");
    formatValue(out, arg, plainDirective);
  }
  out.write(")");
}
