/**
 * Recognises inputs that carry the marks of SQL injection. It counts, and never refuses by itself: every statement binds
 * its values, so an injection is text like any other. Names such as `O'Brien -- draft; update 2` must pass unnoticed.
 */

/** Nobody needs more to show an attack; what is longer is cut. */
const inspectedLengthMax = 4_096;

const operand = String.raw`(?:'[^']*'?|"[^"]*"?|[\w.]+)`;
const tautology = String.raw`(?:or|and)\b ?\(* ?(?:not )?${operand} ?(?:=|<|>|<>|!=|like|is) ?${operand}`;
const truth = String.raw`or ?\(* ?(?:true|1)\b ?(?:--|#|;|$)`;

const signatures: readonly RegExp[] = [
  new RegExp(String.raw`['"] ?\)* ?(?:${tautology}|${truth}|--|#)`),
  /\bunion (?:all |distinct )?select\b/,
  /; ?(?:drop|alter|create) (?:table|database|view|index|user)\b/,
  /; ?(?:delete from|insert into|update [\w."`]+ set)\b/,
  /\b(?:sleep|benchmark|pg_sleep) ?\( ?['"\d]/,
  /\bwaitfor delay\b/,
  /\b(?:information_schema|sqlite_master)\b/,
];

const numericTautology = new RegExp(String.raw`^-?\d+ ?\)* ?(?:${tautology}|${truth})`);

/**
 * @param text one value, as a client sent it; at most one further percent-decoding is undone
 * @param kind `id` also looks for a number with a condition, which is harmless elsewhere ("2 or 3 = few")
 */
export function looksLikeSqlInjection(text: string, kind: "id" | "text"): boolean {
  const normal = normalise(text);
  if (kind === "id" && numericTautology.test(normal)) return true;
  return signatures.some((signature) => signature.test(normal));
}

function normalise(text: string): string {
  const cut = text.slice(0, inspectedLengthMax);
  return percentDecoded(cut)
    .replace(/\/\*!\d*/g, " ")
    .replace(/\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/g, " ")
    .replaceAll("*/", " ")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

function percentDecoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
