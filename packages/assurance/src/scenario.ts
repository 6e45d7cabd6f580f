import type { HttpRequest } from "@tatou/model";

/** An attack and the alarm it has to raise. */
export interface DrillScenario {
  readonly name: string;
  readonly title: string;
  /** The rule that has to fire, by its name in the rule file. */
  readonly alertName: string;
  /** The counter that the attack moves. */
  readonly metricName: string;
  readonly requestsPerSecond: number;
  /** The source address to bind; becomes the label client_ip. */
  readonly sourceAddress: string;
  /** HTTP statuses by which the platform shows that it met the attack. */
  readonly expectedStatuses: readonly number[];
  /** When nothing was notified so long after the first request, the drill has failed. */
  readonly deadlineMs: number;
  /** The request number `index`, from 0. */
  request(targetUrl: string, index: number): HttpRequest;
}

/** Wrong passwords for one account from one address: technique T1110. */
export function bruteForceScenario(sourceAddress: string): DrillScenario {
  return {
    name: "brute-force",
    title: "20 wrong logins a second from one address",
    alertName: "HighAuthFailureRate",
    metricName: "auth_failures_total",
    requestsPerSecond: 20,
    sourceAddress,
    expectedStatuses: [401, 429],
    deadlineMs: 180_000,
    request: (targetUrl, index) => ({
      method: "POST",
      url: `${targetUrl}/api/login`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "drill@tatou.invalid", password: `wrong-password-${index}` }),
      timeoutMs: 10_000,
      localAddress: sourceAddress,
      bodySizeMaxBytes: 64 * 1024,
    }),
  };
}
