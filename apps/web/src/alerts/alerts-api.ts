type LabelRecord = Readonly<Record<string, string>>;

/** Shapes of Alertmanager's API v2, as far as the pages read them. */
export interface Alert {
  readonly fingerprint: string;
  readonly labels: LabelRecord;
  readonly annotations: LabelRecord;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
  readonly status: {
    readonly state: "unprocessed" | "active" | "suppressed";
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
  };
}

export interface AlertGroup {
  readonly labels: LabelRecord;
  readonly receiver: { readonly name: string };
  readonly alerts: readonly Alert[];
}

export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export interface Silence {
  readonly id: string;
  readonly status: { readonly state: "active" | "pending" | "expired" };
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface InboxMessage {
  readonly seq: number;
  readonly receivedAt: string;
  readonly receiver: string;
  readonly status: string;
  readonly title: string;
  readonly alerts: readonly InboxAlert[];
}

export interface InboxAlert {
  readonly status: string;
  readonly labels: LabelRecord;
  readonly annotations: LabelRecord;
  /** RFC 3339; empty when the sender did not say. */
  readonly startsAt: string;
  readonly endsAt: string;
}

/** What this program says of itself. */
export interface OwnStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly configuration: {
    readonly file: string;
    readonly loadedAt: string;
    readonly problem: {
      readonly message: string;
      readonly hint: string | null;
      readonly file: string | null;
      readonly line: number | null;
      readonly column: number | null;
    } | null;
    readonly warnings: readonly string[];
  };
  /** Held is what would have ended, but for the silence of the engine. */
  readonly alerts: { readonly active: number; readonly suppressed: number; readonly held: number };
  readonly engine: {
    readonly state: string;
    readonly url: string | null;
    readonly lastWatchdogAt: string | null;
    readonly silentAfterSeconds: number;
    readonly silentSince: string | null;
    readonly reason: string | null;
  } | null;
  /** To a service outside that watches this program; null when none is told. */
  readonly heartbeat: { readonly lastSuccessAt: string | null; readonly lastError: string | null } | null;
}
