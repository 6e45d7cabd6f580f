/** A line that both texts have, that only the expected has, or that only the other one has. */
export interface DiffLine {
  readonly kind: "same" | "missing" | "extra";
  readonly text: string;
}

/** Above this many pairs of lines the table would cost more than it tells. */
const pairCountMax = 1_000_000;

/** The shortest way from the expected lines to those that were got. */
export function lineDiff(expected: readonly string[], got: readonly string[]): readonly DiffLine[] {
  if (expected.length * got.length > pairCountMax)
    return [...expected.map((text) => line("missing", text)), ...got.map((text) => line("extra", text))];
  const common = commonLengths(expected, got);
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  while (left < expected.length || right < got.length) {
    if (left < expected.length && expected[left] === got[right]) {
      lines.push(line("same", expected[left]!));
      left++;
      right++;
    } else if (
      right === got.length ||
      (left < expected.length && common[left + 1]![right]! >= common[left]![right + 1]!)
    )
      lines.push(line("missing", expected[left++]!));
    else lines.push(line("extra", got[right++]!));
  }
  return lines;
}

function line(kind: DiffLine["kind"], text: string): DiffLine {
  return { kind, text };
}

/** At [i][j]: how many lines the texts from i and from j on have in common. */
function commonLengths(expected: readonly string[], got: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: expected.length + 1 }, () => Array.from({ length: got.length + 1 }, () => 0));
  for (let left = expected.length - 1; left >= 0; left--)
    for (let right = got.length - 1; right >= 0; right--)
      table[left]![right] =
        expected[left] === got[right]
          ? table[left + 1]![right + 1]! + 1
          : Math.max(table[left + 1]![right]!, table[left]![right + 1]!);
  return table;
}
