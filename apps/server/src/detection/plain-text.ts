/**
 * Undoes the ways of writing a sign so that a filter does not see it and the program behind it does: percent-encoding, also of
 * what was encoded before; UTF-8 that is longer than it may be (`%c0%ae` for a dot); `%u002e`; and the wide and lookalike
 * forms that databases and file systems replace. What is no attack stays readable text, only its encoding may look odd.
 */

/** As much as a JSON body may hold, so that nothing can be put behind the end of what is looked at. */
const lengthMax = 64 * 1_024;
/** Encoded once by the client, and twice more. The router or the parser of queries has undone one already. */
const roundCountMax = 3;

/** One sign below 128, in one to six bytes; a blank that does not break; or a full-width form. */
const escape =
  /%(?:u[\da-f]{4}|c[01]%[89ab][\da-f]|(?:e0|f0%80|f8%80%80|fc%80%80%80)%8[01]%[89ab][\da-f]|ef%b[cd]%[89ab][\da-f]|[0-7][\da-f]|a0)/gi;
const singles: ReadonlyMap<string, string> = new Map(
  [...Array(0x80).keys(), 0xa0].flatMap((code) => {
    const digits = code.toString(16).padStart(2, "0");
    return [digits, digits.toUpperCase()].map((hex) => [`%${hex}`, String.fromCharCode(code)] as const);
  }),
);
/** Full-width forms, the modifier apostrophe, and the mathematical slashes. */
const lookalikes = /[\uff01-\uff5e\u02bc\u2215\u2216]/g;

/** The text as a careless program may come to read it. Takes time in proportion to the text's length. */
export function plainText(text: string): string {
  let plain = fold(text.slice(0, lengthMax));
  for (let round = 0; round < roundCountMax && plain.includes("%"); round++)
    plain = fold(plain.replace(escape, decode));
  return plain;
}

/** The beginning and the end of a text: an attack in the middle of padding has both, the padding has to go somewhere. */
export function bothEnds(text: string, sizes: { readonly head: number; readonly tail: number }): string {
  if (text.length <= sizes.head + sizes.tail) return text;
  return `${text.slice(0, sizes.head)} ${text.slice(-sizes.tail)}`;
}

function decode(escaped: string): string {
  const single = singles.get(escaped);
  if (single !== undefined) return single;
  const lower = escaped.toLowerCase();
  const low = Number.parseInt(lower.slice(-2), 16) & 0x3f;
  if (lower.startsWith("%u")) return String.fromCharCode(Number.parseInt(lower.slice(2), 16));
  if (lower.startsWith("%ef")) return String.fromCharCode((lower.startsWith("%ef%bc") ? 0xff00 : 0xff40) + low);
  // Two to six bytes for what fits in one: the digit before the last byte holds its highest bit.
  return String.fromCharCode((Number.parseInt(lower.slice(-4, -3), 16) << 6) | low);
}

function fold(text: string): string {
  return text.replace(lookalikes, (sign) => {
    if (sign === "\u02bc") return "'";
    if (sign === "\u2215") return "/";
    if (sign === "\u2216") return "\\";
    return String.fromCharCode(sign.charCodeAt(0) - 0xfee0);
  });
}
