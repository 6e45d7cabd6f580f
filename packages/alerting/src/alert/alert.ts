import { compareStrings, type Labels, labelsOf, labelValue, type PostableAlert } from "@tatou/model";
import { fingerprintOf } from "./fingerprint.ts";
import { shortText, shortTexts } from "./short-text.ts";

/** An alert as it was last heard of. Two with equal labels are the same alert. */
export interface Alert {
  readonly labels: Labels;
  readonly fingerprint: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** When it counts as resolved unless it is sent again; up to `updatedAtMs` when its sender said that it is over. */
  readonly endsAtMs: number;
  /** When it was last received. */
  readonly updatedAtMs: number;
  /** The sender gave no start, so `startsAtMs` is when it was first heard of. */
  readonly hasDefaultStart: boolean;
  /** The sender gave no end, so `endsAtMs` is ours (resolve_timeout). */
  readonly hasDefaultEnd: boolean;
  readonly generatorUrl: string;
}

/** What was sent, before it is completed. */
export interface ReceivedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAtMs?: number;
  readonly endsAtMs?: number;
  readonly generatorUrl?: string;
}

/** Completes what was sent: without a start it starts now (or at its end), without an end it lasts resolve_timeout. */
export function makeAlert(received: ReceivedAlert | PostableAlert, nowMs: number, resolveTimeoutMs: number): Alert {
  const labels = labelsOf(shortTexts(received.labels));
  return {
    labels,
    fingerprint: fingerprintOf(labels),
    annotations: sortedRecord(shortTexts(received.annotations ?? {})),
    startsAtMs: received.startsAtMs ?? received.endsAtMs ?? nowMs,
    endsAtMs: received.endsAtMs ?? nowMs + resolveTimeoutMs,
    updatedAtMs: nowMs,
    hasDefaultStart: received.startsAtMs === undefined,
    hasDefaultEnd: received.endsAtMs === undefined,
    generatorUrl: shortText(received.generatorUrl ?? ""),
  };
}

/** What is wrong with an alert, in Alertmanager's words; null when nothing is. */
export function alertProblem(alert: Alert): string | null {
  if (alert.endsAtMs < alert.startsAtMs) return "start time must be before end time";
  if (alert.labels.length === 0) return "at least one label pair required";
  if (alert.labels.some((label) => label.name === "")) return 'invalid label set: invalid name ""';
  if (Object.keys(alert.annotations).includes("")) return 'invalid annotations: invalid name ""';
  if (alertSize(alert) > alertSizeMax) return `an alert of more than ${alertSizeMax} characters`;
  return null;
}

/** One alert may take so many characters, all texts together. */
const alertSizeMax = 256 * 1024;

/** How many characters an alert has, all texts together. */
export function alertSize(alert: Pick<Alert, "labels" | "annotations" | "generatorUrl">): number {
  let size = alert.generatorUrl.length;
  for (const { name, value } of alert.labels) size += name.length + value.length;
  for (const [name, text] of Object.entries(alert.annotations)) size += name.length + text.length;
  return size;
}

/**
 * One alert from what is known and a message that came after it: the message wins, the earlier start stays, and a later end
 * stays if it was the sender's own (or if both say that the alert is over). What came later is told by the order of
 * arrival, not by times of day: the clock may have been set back in between.
 */
export function mergeAlerts(known: Alert, message: Alert, nowMs: number): Alert {
  const isOver = message.endsAtMs <= nowMs;
  const wasStatedOver = known.endsAtMs <= known.updatedAtMs;
  const keepsEnd = isOver ? known.endsAtMs <= nowMs : !known.hasDefaultEnd && !wasStatedOver;
  return {
    ...message,
    startsAtMs: Math.min(known.startsAtMs, message.startsAtMs),
    endsAtMs: keepsEnd ? Math.max(known.endsAtMs, message.endsAtMs) : message.endsAtMs,
  };
}

/** Order of alerts in a notification: by job, by instance, then by all labels; those without the label last. */
export function compareAlerts(left: Pick<Alert, "labels">, right: Pick<Alert, "labels">): number {
  for (const name of ["job", "instance"]) {
    const leftValue = labelValue(left.labels, name);
    const rightValue = labelValue(right.labels, name);
    if (leftValue === rightValue) continue;
    if (leftValue === "") return 1;
    if (rightValue === "") return -1;
    return compareStrings(leftValue, rightValue);
  }
  return compareLabelSets(left.labels, right.labels);
}

/** Alertmanager's order of label sets: the smaller set first, then by the first label in which they differ. */
export function compareLabelSets(left: Labels, right: Labels): number {
  if (left.length !== right.length) return left.length - right.length;
  for (const [index, label] of left.entries()) {
    const other = right[index]!;
    // The set that lacks the lesser name comes first.
    if (label.name !== other.name) return -compareStrings(label.name, other.name);
    if (label.value !== other.value) return compareStrings(label.value, other.value);
  }
  return 0;
}

/** The label that names the rule; "" when it is not there. */
export function alertName(alert: Pick<Alert, "labels">): string {
  return labelValue(alert.labels, "alertname");
}

/** A copy with names in byte order, safe for any name. */
export function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  // A null prototype keeps an annotation called "__proto__" an ordinary key.
  const sorted: Record<string, string> = Object.create(null);
  for (const name of Object.keys(record).sort(compareStrings)) sorted[name] = record[name]!;
  return sorted;
}
