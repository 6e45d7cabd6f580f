/**
 * A number with a fixed count of decimals, or by itself with three significant digits and no trailing zeros:
 * 0.0457, 1.5, 12.3, 457, 12345.
 */
export function formatNumber(value: number, decimals?: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (decimals !== undefined) return withoutNegativeZero(value.toFixed(decimals));
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < smallestMagnitude || magnitude > largestMagnitude) return value.toExponential(2);
  const text = value.toFixed(Math.max(0, significantDigits - 1 - magnitude));
  return withoutNegativeZero(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

const significantDigits = 3;
const smallestMagnitude = -7;
const largestMagnitude = 20;

function withoutNegativeZero(text: string): string {
  return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text;
}
