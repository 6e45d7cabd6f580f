/** What a user may keep of one kind. */
export interface Quota {
  readonly countMax: number;
  readonly sizeMaxBytes: number;
}

/** True when one more of this size stays within the quota. @param used a sum over no rows is null */
export function fits(
  sizeBytes: number,
  used: { readonly count: number; readonly size: number | null },
  quota: Quota,
): boolean {
  return used.count < quota.countMax && (used.size ?? 0) + sizeBytes <= quota.sizeMaxBytes;
}
