/**
 * Numbers as text, to the letter as Go prints them. JavaScript and Go agree on the shortest digits that read back; they
 * differ in where the exponent starts and in how it is written.
 */

/** As values read in Prometheus' JSON answers: plain between 1e-6 and 1e21, else an exponent of at least two digits. */
export function formatFloatJson(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Object.is(value, -0)) return "-0";
  return padExponent(String(value));
}

/** As Go's %v and strconv's 'g' with precision -1 print, and so the exposition format: exponent below 1e-4 and from 1e6 on. */
export function formatFloatG(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Object.is(value, -0)) return "-0";
  const scientific = value.toExponential();
  const exponent = Number(scientific.slice(scientific.indexOf("e") + 1));
  // Asked for the shortest text, Go decides as if the precision were 6.
  return exponent < -4 || exponent >= 6 ? padExponent(scientific) : String(value);
}

/** As strconv.FormatFloat(v, 'f', -1, 64) prints: never an exponent. */
export function formatFloatF(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  return text.includes("e") ? withoutExponent(text) : text;
}

/**
 * Reads a number as Go's strconv.ParseFloat does: decimal, hexadecimal with a `p` exponent, underscores only after a base
 * prefix, Inf and NaN in any case, out of range as infinity.
 * @returns null when the text is no number
 */
export function parseFloatGo(text: string): number | null {
  if (decimalPattern.test(text)) return Number(text);
  const special = specialValues.get(text.toLowerCase());
  if (special !== undefined) return special;
  const hex = hexPattern.exec(text);
  if (hex === null) return null;
  return hexFloat(hex);
}

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexPattern = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?\d+)$/;

const specialValues = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["+inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["+infinity", Number.POSITIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);

function hexFloat(match: RegExpExecArray): number | null {
  const [, sign, whole = "", fraction = "", exponentText] = match;
  if (whole === "" && fraction === "") return null;
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  value *= 2 ** (Number(exponentText) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}

function formatSpecial(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** Go writes at least two digits of exponent: 1e-7 is 1e-07. */
function padExponent(text: string): string {
  const index = text.indexOf("e");
  if (index === -1 || text.length - index > 3) return text;
  return `${text.slice(0, index + 2)}0${text.slice(index + 2)}`;
}

/** Moves the decimal point of a text like 1.5e+300 or 1e-7 to where the exponent says. */
function withoutExponent(text: string): string {
  const [mantissa, exponentText] = text.split("e") as [string, string];
  const negative = mantissa.startsWith("-");
  const [whole, fraction = ""] = mantissa.replace("-", "").split(".") as [string, string?];
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  const unsigned =
    point <= 0
      ? `0.${"0".repeat(-point)}${digits}`
      : digits.length <= point
        ? digits.padEnd(point, "0")
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${unsigned}` : unsigned;
}
