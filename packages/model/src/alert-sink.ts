/** Seam 6: alerts leave the engine as POST /api/v2/alerts, to ours or to any Alertmanager; an array in tests. */
export interface AlertSink {
  /** Hands over alerts; a sink queues, retries and drops by itself and never throws for a receiver that is away. */
  send(alerts: readonly PostableAlert[]): void;
  /** Waits for what is queued, at most until the signal aborts. */
  close(signal?: AbortSignal): Promise<void>;
}

/** One alert on its way; times are milliseconds since 1970. */
export interface PostableAlert {
  /** With `alertname`; external labels applied. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** When it will count as resolved unless it is sent again; in the past for a resolved alert. */
  readonly endsAtMs: number;
  readonly generatorUrl: string;
}
