/**
 * Floats with a given number of digits, as Go's strconv prints them: rounded from the exact decimal value, half to even.
 * (JavaScript's toFixed and toPrecision round an exact half up.)
 */
import { formatFloatF, formatFloatG } from "@tatou/kernels";

/** value = 0.<digits> * 10^pointAt; no leading and no trailing zeros; empty digits for 0. */
interface Decimal {
  readonly digits: string;
  readonly pointAt: number;
}

/**
 * A finite float in the form of Go's verbs e, f or g.
 * @param precision digits behind the point (for g: digits in all), or null for the fewest that read back
 */
export function formatFloat(value: number, verb: "e" | "f" | "g", precision: number | null): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (precision === null) return sign + formatShortest(size, verb);
  switch (verb) {
    case "e":
      return sign + scientific(round(exactDecimal(size), precision + 1, "fromFirst"), precision);
    case "f":
      return sign + fixed(round(exactDecimal(size), precision, "behindPoint"), precision);
    case "g":
      return sign + general(size, Math.max(1, precision));
  }
}

function formatShortest(size: number, verb: "e" | "f" | "g"): string {
  switch (verb) {
    case "e":
      return size.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
    case "f":
      return formatFloatF(size);
    case "g":
      return formatFloatG(size);
  }
}

function general(size: number, precision: number): string {
  const decimal = round(exactDecimal(size), precision, "fromFirst");
  const count = decimal.digits.length;
  const exponent = decimal.pointAt - 1;
  const exponentMax = precision > count && count >= decimal.pointAt ? count : precision;
  if (exponent < -4 || exponent >= exponentMax) return scientific(decimal, Math.min(count, precision) - 1);
  return fixed(decimal, Math.max(0, count - decimal.pointAt));
}

function scientific(decimal: Decimal, fractionDigitCount: number): string {
  const digits = decimal.digits.padEnd(Math.max(1, fractionDigitCount + 1), "0");
  const exponent = decimal.digits === "" ? 0 : decimal.pointAt - 1;
  const fraction = digits.slice(1, 1 + Math.max(0, fractionDigitCount));
  const exponentText = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return `${digits[0]}${fraction === "" ? "" : `.${fraction}`}e${exponentText}`;
}

function fixed(decimal: Decimal, fractionDigitCount: number): string {
  const { digits, pointAt } = decimal;
  const whole = pointAt > 0 ? digits.slice(0, pointAt).padEnd(pointAt, "0") : "0";
  if (fractionDigitCount === 0) return whole;
  const leadingZeros = "0".repeat(Math.min(fractionDigitCount, Math.max(0, -pointAt)));
  const fraction = leadingZeros + digits.slice(Math.max(0, pointAt));
  return `${whole}.${fraction.slice(0, fractionDigitCount).padEnd(fractionDigitCount, "0")}`;
}

/** A double is mantissa * 2^exponent, and 2^-n is 5^n / 10^n: so its decimal digits end, and are whole numbers. */
function exactDecimal(size: number): Decimal {
  if (size === 0) return { digits: "", pointAt: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const exponentBits = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = Math.max(1, exponentBits) - 1075;
  const digits = String(exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent));
  const pointAt = digits.length + Math.min(0, exponent);
  return { digits: digits.replace(/0+$/, ""), pointAt };
}

function round(decimal: Decimal, count: number, counted: "fromFirst" | "behindPoint"): Decimal {
  const kept = counted === "fromFirst" ? count : decimal.pointAt + count;
  const { digits, pointAt } = decimal;
  if (kept >= digits.length) return decimal;
  if (kept < 0) return { digits: "", pointAt: 0 };
  const head = digits.slice(0, kept);
  if (!roundsUp(digits, kept)) return trimmed(head, pointAt);
  const raised = String(BigInt(`0${head}`) + 1n).padStart(head.length, "0");
  return trimmed(raised, pointAt + raised.length - head.length);
}

function roundsUp(digits: string, kept: number): boolean {
  const isExactHalf = digits[kept] === "5" && kept + 1 === digits.length;
  if (!isExactHalf) return digits[kept]! >= "5";
  return kept > 0 && Number(digits[kept - 1]) % 2 === 1;
}

function trimmed(digits: string, pointAt: number): Decimal {
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? { digits: "", pointAt: 0 } : { digits: kept, pointAt };
}
