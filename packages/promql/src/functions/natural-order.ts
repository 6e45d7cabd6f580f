import { compareStrings } from "@tatou/model";

/** Order of texts in which numbers inside count as numbers: "4m5" before "4m600" before "4m1000". */
export function compareNaturally(left: string, right: string): number {
  const leftParts = partsOf(left);
  const rightParts = partsOf(right);
  const count = Math.min(leftParts.length, rightParts.length);
  for (let index = 0; index < count; index++) {
    const order = compareParts(leftParts[index]!, rightParts[index]!);
    if (order !== 0) return order;
  }
  return leftParts.length - rightParts.length;
}

/** Runs of digits and runs of everything else, in turn. */
function partsOf(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function compareParts(left: string, right: string): number {
  const areNumbers = /^\d/.test(left) && /^\d/.test(right);
  if (!areNumbers) return compareStrings(left, right);
  const leftNumber = BigInt(left);
  const rightNumber = BigInt(right);
  return leftNumber < rightNumber ? -1 : leftNumber > rightNumber ? 1 : 0;
}
