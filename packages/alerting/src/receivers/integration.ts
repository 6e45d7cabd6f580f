import type { Notification } from "../notify/group-alert.ts";

/** One way to tell a receiver something: its first webhook, its second email. */
export interface Integration {
  /** Such as "webhook"; what metrics and the ledger call it. */
  readonly kind: string;
  /** Its place among those of its kind in the receiver. */
  readonly index: number;
  readonly sendResolved: boolean;
  /** Tries once. Never rejects: what the world does is a value. */
  send(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}

/** How one try ended. */
export type Delivery =
  | { readonly kind: "delivered" /** Of HTTP or SMTP. */; readonly status: number | null }
  | FailedDelivery;

export interface FailedDelivery {
  readonly kind: "failed";
  /** Whether trying again may help. */
  readonly isRetryable: boolean;
  readonly reason: FailureReason;
  /** For people; without secrets. */
  readonly message: string;
  readonly status: number | null;
}

/** The values of Alertmanager's `reason` label. */
export const failureReasons = [
  "other",
  "clientError",
  "serverError",
  "contextCanceled",
  "contextDeadlineExceeded",
] as const;

export type FailureReason = (typeof failureReasons)[number];

export function failed(
  message: string,
  details: Partial<Omit<FailedDelivery, "kind" | "message">> = {},
): FailedDelivery {
  return { kind: "failed", isRetryable: false, reason: "other", status: null, message, ...details };
}
