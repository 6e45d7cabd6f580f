/**
 * Positions of samples that have no neighbour: a gap (null) or the end on both sides. Where only other series have a
 * sample (undefined) is neither.
 */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const lone: number[] = [];
  let before: number | null = null;
  let candidate: number | null = null;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    if (value === null && candidate !== null) lone.push(candidate);
    candidate = value !== null && before === null ? index : null;
    before = value;
  }
  if (candidate !== null) lone.push(candidate);
  return lone;
}
