import { allValueMark } from "@tatou/dashboard-model";

/** "All" and single values exclude each other; whatever was chosen last stays. */
export function nextChoice(next: readonly string[], wasAll: boolean): readonly string[] {
  if (next.length === 0) return [allValueMark];
  if (wasAll) return next.filter((one) => one !== allValueMark);
  return next.includes(allValueMark) ? [allValueMark] : next;
}
