import { accepts, type Labels, type Matcher } from "@tatou/model";
import { InvalidSilenceError } from "../errors.ts";
import { acceptsAll } from "../route/route.ts";

/** Mutes alerts whose labels all its matchers accept, from start to end. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a user asks for: with the id of a known silence it changes that one. */
export type SilenceRequest = Omit<Silence, "id" | "updatedAtMs"> & { readonly id?: string };

export type SilenceState = "pending" | "active" | "expired";

/** A silence is active from its start up to, not including, its end. */
export function silenceState(silence: Pick<Silence, "startsAtMs" | "endsAtMs">, nowMs: number): SilenceState {
  if (nowMs < silence.startsAtMs) return "pending";
  return nowMs < silence.endsAtMs ? "active" : "expired";
}

export function silencesLabels(silence: Silence, labels: Labels): boolean {
  return acceptsAll(silence.matchers, labels);
}

/** @throws {InvalidSilenceError} */
export function validateSilence(request: SilenceRequest): void {
  if (request.matchers.length === 0) throw new InvalidSilenceError("invalid silence: at least one matcher required");
  request.matchers.forEach((matcher, index) => {
    if (matcher.label !== "") return;
    throw new InvalidSilenceError(`invalid silence: invalid label matcher ${index}: invalid label name ""`);
  });
  if (request.matchers.every(acceptsEmpty)) {
    throw new InvalidSilenceError("invalid silence: at least one matcher must not match the empty string");
  }
  if (request.endsAtMs < request.startsAtMs) {
    throw new InvalidSilenceError("invalid silence: end time must not be before start time");
  }
}

/** Negative matchers never count as matching everything: they say at least what shall not be silenced. */
function acceptsEmpty(matcher: Matcher): boolean {
  return (matcher.kind === "equal" || matcher.kind === "matches") && accepts(matcher, "");
}

/** Active first (the next to end on top), then pending (the next to start), then expired (the last to end). */
export function compareSilences(left: Silence, right: Silence, nowMs: number): number {
  const leftState = silenceState(left, nowMs);
  const rightState = silenceState(right, nowMs);
  if (leftState !== rightState) return stateOrder[leftState] - stateOrder[rightState];
  switch (leftState) {
    case "active":
      return left.endsAtMs - right.endsAtMs;
    case "pending":
      return left.startsAtMs - right.startsAtMs;
    case "expired":
      return right.endsAtMs - left.endsAtMs;
  }
}

const stateOrder = { active: 1, pending: 2, expired: 3 } as const;
