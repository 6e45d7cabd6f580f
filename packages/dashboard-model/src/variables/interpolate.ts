import type { VariableScope, VariableValue } from "./variable.ts";
import { formatVariable } from "./variable-format.ts";

/** $name, [[name]], [[name:format]], ${name}, ${name.field}, ${name:format} */
const reference = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/g;

/** Fills in the variables of a text that people read. Unknown names stay as they are written. */
export function interpolateText(text: string, scope: VariableScope): string {
  return interpolateWith(text, scope, (value) => formatVariable(value, "text"));
}

/** Fills in the variables of a text that a program reads: a uid, an interval, an address. */
export function interpolateRaw(text: string, scope: VariableScope): string {
  return interpolateWith(text, scope, (value) => formatVariable(value, "raw"));
}

/** Fills in the variables of a PromQL text: several values become a group of alternatives, escaped for quotes. */
export function interpolatePromql(text: string, scope: VariableScope): string {
  return interpolateWith(text, scope, formatForPromql);
}

/** Whether a text mentions the variable of that name. */
export function mentionsVariable(text: string, name: string): boolean {
  for (const match of text.matchAll(reference)) if ((match[1] ?? match[2] ?? match[4]) === name) return true;
  return false;
}

function interpolateWith(text: string, scope: VariableScope, format: (value: VariableValue) => string): string {
  return text.replaceAll(reference, (...groups: (string | undefined)[]) => {
    const [whole = "", plain, bracketed, bracketFormat, braced, , braceFormat] = groups;
    const value = scope.get(plain ?? bracketed ?? braced ?? "");
    if (value === undefined) return whole;
    const name = braceFormat ?? bracketFormat;
    return name === undefined ? format(value) : formatVariable(value, name);
  });
}

function formatForPromql(value: VariableValue): string {
  if (value.raw !== undefined) return value.raw;
  if (!value.many) return escapeForQuotes(value.values[0] ?? "");
  const escaped = value.values.map(escapeForQuotedRegex);
  return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.join("|")})`;
}

function escapeForQuotes(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

/** Inside a quoted PromQL string the backslash itself is written twice. */
function escapeForQuotedRegex(text: string): string {
  return text
    .replaceAll("\\", "\\\\\\\\")
    .replaceAll(/[$^*{}[\]'"+?.()|]/g, (character) => (character === '"' ? '\\"' : `\\\\${character}`));
}
