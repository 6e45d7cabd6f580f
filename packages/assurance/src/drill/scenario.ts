import type { SourcePosition } from "@tatou/model";
import type { FaultName } from "./fault-injector.ts";

/** Fires as long as the engine works; nobody is told of it. */
export const watchdogAlert = "Watchdog";

/** What somebody does, and what the monitoring must make of it; one file in monitoring/drills. */
export interface DrillScenario {
  /** How rules and people refer to it: "D1", "B2", "D7+D12". */
  readonly id: string;
  /** The same in words, for the command line: "brute-force". */
  readonly name: string;
  readonly title: string;
  /** An attack has to raise its alerts; on a benign day nothing may fire. */
  readonly kind: "attack" | "benign";
  /** ATT&CK; null when it is no attack. */
  readonly technique: string | null;
  /** How long the platform is watched in peace before the first step. */
  readonly historyMs: number;
  /** What has to be there before: no part of the attack, and not counted as one. */
  readonly prepare: readonly DrillStep[];
  /** One after the other; only `parallel` runs several at once. */
  readonly steps: readonly DrillStep[];
  readonly expect: readonly Expectation[];
  /** Alerts that must not fire from the first step until `settleMs` after the last; "all" excepts those expected and the Watchdog. */
  readonly quiet: readonly string[] | "all";
  /** How long silence is watched after the last step. */
  readonly settleMs: number;
  readonly position: SourcePosition;
}

/** An alert that has to reach somebody. */
export interface Expectation {
  readonly alert: string;
  /** A part of the alert's labels; `${source}` stands for the attacker's first address. */
  readonly labels: Readonly<Record<string, string>>;
  /** From the first request of the attack to the delivery; null takes `max_detect` of the proof file. */
  readonly withinMs: number | null;
  /** Who must be told; null for anybody. */
  readonly receiver: string | null;
  readonly position: SourcePosition;
}

export type DrillStep =
  | RequestStep
  | ActStep
  | { readonly kind: "wait"; readonly durationMs: number }
  | FaultStep
  | { readonly kind: "parallel"; readonly branches: readonly (readonly DrillStep[])[] };

/** The same request again and again. */
export interface RequestStep {
  readonly kind: "request";
  readonly request: RequestTemplate;
  /** How often, over all sources together. */
  readonly perSecond: number;
  /** Whichever comes first ends it; one of the two is set. */
  readonly times: number | null;
  readonly durationMs: number | null;
  /** How many addresses take turns; "each" takes another for every request. */
  readonly sourceCount: number | "each";
  /** How many users take turns; above 1 they are called after `as`, from NAME-1 on. */
  readonly userCount: number;
  /** Statuses that show that the platform met the attack; empty takes any answer. */
  readonly answers: readonly number[];
  /** What to keep of every answer for `${kept:NAME}`: the field of its JSON body, by name. */
  readonly keep: Readonly<Record<string, string>>;
  readonly position: SourcePosition;
}

/** Something breaks, and is mended again. */
export interface FaultStep {
  readonly kind: "fault";
  readonly fault: FaultName;
  /** How long it stays broken; null until it breaks again or the drill ends, and the next step does not wait for that. */
  readonly durationMs: number | null;
  readonly times: number;
  /** From one break to the next; set when there are several. */
  readonly everyMs: number | null;
  readonly position: SourcePosition;
}

/** A request with variables in its texts; which there are: docs/drills.md. */
export interface RequestTemplate {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "OPTIONS";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
  /** Signs up and in under this name before the first request, and sends that user's token. */
  readonly as: string | null;
}

export type RequestBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly value: string }
  /** A multipart upload; `payload` names what drill/payloads makes. */
  | { readonly kind: "upload"; readonly payload: string; readonly fileName: string };

/** A course of several requests that depend on each other, written in code: see drill/acts. */
export interface ActStep {
  readonly kind: "act";
  readonly act: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly position: SourcePosition;
}
