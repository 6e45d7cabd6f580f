import type { Matcher, SourcePosition } from "@tatou/model";
import type { HttpClientConfig } from "../http/http-client-config.ts";
import type { ReceiverConfig } from "./receiver-config.ts";
import type { TimeIntervalConfig } from "./time-interval-config.ts";

/** A whole alertmanager.yml, defaults filled in and settings of routes handed down. Paths are joined as in PrometheusConfig. */
export interface AlertmanagerConfig {
  readonly file: string;
  readonly global: AlertmanagerGlobalConfig;
  /** The root: it matches every alert. */
  readonly route: RouteConfig;
  readonly receivers: readonly ReceiverConfig[];
  readonly inhibitRules: readonly InhibitRuleConfig[];
  /** time_intervals and the older mute_time_intervals; names are unique. */
  readonly timeIntervals: readonly TimeIntervalConfig[];
  /** Paths whose last element may hold `*`. */
  readonly templates: readonly string[];
}

export interface AlertmanagerGlobalConfig {
  readonly resolveTimeoutMs: number;
  readonly httpClient: HttpClientConfig;
}

/** A node of the route tree; what it does not say itself is taken over from its parent. */
export interface RouteConfig {
  readonly position: SourcePosition;
  readonly receiver: string;
  /** Label names to group by; `all` groups by every label (`...`). */
  readonly groupBy: { readonly all: true } | { readonly all: false; readonly labels: readonly string[] };
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** All must accept; match and match_re included. */
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly RouteConfig[];
}

export interface InhibitRuleConfig {
  readonly position: SourcePosition;
  readonly name: string;
  /** All must accept the alert that inhibits. */
  readonly sourceMatchers: readonly Matcher[];
  /** All must accept the alert that is inhibited. */
  readonly targetMatchers: readonly Matcher[];
  /** Labels that must have the same value in both. */
  readonly equal: readonly string[];
}
