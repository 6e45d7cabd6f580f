/** A named set of times: an instant is in it when one of its intervals holds it. */
export interface TimeIntervalConfig {
  readonly name: string;
  readonly intervals: readonly TimeInterval[];
}

/** All given parts must hold; an empty list leaves a part open. Bounds are inclusive unless said. */
export interface TimeInterval {
  /** Minutes from midnight, end exclusive (1440 is the end of the day). */
  readonly times: readonly { readonly startMinute: number; readonly endMinute: number }[];
  /** 0 is Sunday. */
  readonly weekdays: readonly InclusiveRange[];
  /** 1 to 31; negative counts from the end of the month, -1 being its last day. */
  readonly daysOfMonth: readonly InclusiveRange[];
  /** 1 is January. */
  readonly months: readonly InclusiveRange[];
  readonly years: readonly InclusiveRange[];
  /** IANA name, "UTC" unless given; "Local" is that of the process. */
  readonly location: string;
}

export interface InclusiveRange {
  readonly begin: number;
  readonly end: number;
}
