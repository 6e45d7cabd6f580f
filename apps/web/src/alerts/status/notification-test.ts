import { requestJson } from "../../shared/http/api-client.ts";

/** What came of a test of notifications: the answer of POST /api/tatou/v1/notify/test. */
export interface NotificationTestReport {
  readonly hasPassed: boolean;
  readonly routes: readonly TestedRoute[];
}

export interface TestedRoute {
  readonly receiver: string;
  /** The matchers of each route on the way, the root's first; empty when no route leads to the receiver. */
  readonly path: readonly string[];
  readonly notes: readonly string[];
  readonly deliveries: readonly TestDelivery[];
}

export interface TestDelivery {
  readonly integration: string;
  readonly index: number;
  readonly isDelivered: boolean;
  readonly reason: string | null;
  readonly status: number | null;
  readonly body: string;
  readonly answer: string;
  readonly durationMs: number;
}

/** The program gives up after a minute. */
const testTimeoutMs = 70_000;

/** Sends one marked message to every receiver. @throws {ApiError} the test could not begin */
export function testNotifications(): Promise<NotificationTestReport> {
  return requestJson("/api/tatou/v1/notify/test", { json: {}, timeoutMs: testTimeoutMs });
}
