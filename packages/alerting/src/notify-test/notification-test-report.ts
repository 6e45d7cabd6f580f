/** What came of a test of notifications. */
export interface NotificationTestReport {
  /** Whether somebody was told, and no try failed. */
  readonly hasPassed: boolean;
  readonly routes: readonly TestedRoute[];
}

/** One way from the root of the route tree to a receiver. */
export interface TestedRoute {
  readonly receiver: string;
  /** The matchers of each route on the way, the root's first; empty when no route leads to the receiver. */
  readonly path: readonly string[];
  /** Where the last route of the path stands in the configuration; null without one. */
  readonly line: number | null;
  /** Of the alert that the messages tell of. */
  readonly labels: Readonly<Record<string, string>>;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** What a real alert would meet on this way, in sentences. */
  readonly notes: readonly string[];
  /** Empty for a receiver that tells nobody. */
  readonly deliveries: readonly TestDelivery[];
}

/** One message to one integration. */
export interface TestDelivery {
  /** Such as "webhook". */
  readonly integration: string;
  /** Its place among those of its kind in the receiver. */
  readonly index: number;
  readonly isDelivered: boolean;
  /** Why not; null when it was delivered. */
  readonly reason: string | null;
  /** Of HTTP or SMTP; null when no answer came. */
  readonly status: number | null;
  /** What was sent, shortened to one line; "" when nothing was. */
  readonly body: string;
  /** What was answered, shortened to one line. */
  readonly answer: string;
  readonly durationMs: number;
}
