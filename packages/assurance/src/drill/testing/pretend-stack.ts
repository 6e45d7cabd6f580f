import {
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
  type VirtualClock,
} from "@tatou/model";

/** A stack that goes through the stages at known times, and can be broken at each. Times are since the first login. */
export interface StackBehaviour {
  readonly hasRule: boolean;
  readonly loginStatus: number;
  readonly exposes: "counters" | "nothing" | "not for us";
  readonly counts: boolean;
  readonly scrapes: boolean;
  readonly isTrueAfterMs: number;
  readonly firesAfterMs: number;
  readonly isActiveBefore: boolean;
  readonly routedAfterMs: number;
  readonly receivers: readonly string[];
  readonly suppression: { readonly silencedBy: readonly string[]; readonly inhibitedBy: readonly string[] } | null;
  readonly messageAfterMs: number;
  readonly delivery: "succeeds" | "fails" | "is retried";
  /** Old Alertmanagers do not. */
  readonly countsTries: boolean;
  /** Fires after a while, with HighErrorRate for its name. */
  readonly noiseAfterMs: number;
  readonly isNoisyBefore: boolean;
  /** The engine answers nobody from then on. */
  readonly engineDiesAfterMs: number;
  /** ... until then. */
  readonly engineIsBackAfterMs: number;
  /** Later ones are not answered. */
  readonly loginCountMax: number;
  /** What the Alertmanager exposes, before and after the message is under way; null for counts of oncall's email. */
  readonly deliveryMetrics: ((isBegun: boolean) => string) | null;
  readonly config: string;
}

export const never = Number.POSITIVE_INFINITY;

export const healthy: StackBehaviour = {
  hasRule: true,
  loginStatus: 401,
  exposes: "counters",
  counts: true,
  scrapes: true,
  isTrueAfterMs: 30_000,
  firesAfterMs: 90_000,
  isActiveBefore: false,
  routedAfterMs: 91_000,
  receivers: ["oncall"],
  suppression: null,
  messageAfterMs: 100_000,
  delivery: "succeeds",
  countsTries: true,
  noiseAfterMs: never,
  isNoisyBefore: false,
  engineDiesAfterMs: never,
  engineIsBackAfterMs: never,
  loginCountMax: never,
  deliveryMetrics: null,
  config: `
route: { receiver: oncall, routes: [{ receiver: nobody, matchers: [severity = "none"] }] }
receivers:
  - name: oncall
    email_configs: [{ to: a@example.org, from: b@example.org, smarthost: "mail.example.org:25" }]
  - name: nobody
`,
};

export const pretendUrls = {
  target: "http://target",
  prometheus: "http://engine",
  alertmanager: "http://alerts",
  inbox: "http://inbox",
} as const;

export const attacker = "127.0.0.9";
const labels = { alertname: "HighAuthFailureRate", client_ip: attacker, severity: "high" };
const ended = { annotations: {}, startsAt: "2026-01-01T00:00:00Z" };

export class PretendStack implements HttpTransport {
  readonly #behaviour: StackBehaviour;
  readonly #clock: VirtualClock;
  #failureCount = 0;
  #loginCount = 0;
  #firstLoginMs: number | null = null;

  constructor(behaviour: StackBehaviour, clock: VirtualClock) {
    this.#behaviour = behaviour;
    this.#clock = clock;
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const { engineDiesAfterMs, engineIsBackAfterMs, loginCountMax } = this.#behaviour;
    const isEngineDead = url.host === "engine" && this.#is(engineDiesAfterMs) && !this.#is(engineIsBackAfterMs);
    const isUnanswered = url.pathname === "/api/login" && this.#loginCount++ >= loginCountMax;
    if (url.host === "nowhere" || isEngineDead || isUnanswered)
      return Promise.reject(new HttpTransportError("refused", "connection refused"));
    const [status, body] = this.#answer(url);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(text) });
  }

  /** Whether so much time has passed since the first login. */
  #is(afterMs: number): boolean {
    return this.#firstLoginMs !== null && this.#clock.nowMs() - this.#firstLoginMs >= afterMs;
  }

  #answer(url: URL): [number, unknown] {
    switch (`${url.host}${url.pathname}`) {
      case "target/api/login":
        this.#firstLoginMs ??= this.#clock.nowMs();
        if (this.#behaviour.counts) this.#failureCount++;
        return [this.#behaviour.loginStatus, "{}"];
      case "target/metrics":
        return this.#targetMetrics();
      case "engine/metrics":
        return [200, "prometheus_build_info 1\n"];
      case "engine/api/v1/query":
        return [200, this.#query(url.searchParams.get("query")!)];
      case "engine/api/v1/rules":
        return [200, success({ groups: [{ name: "g", file: "f", interval: 15, rules: this.#rules() }] })];
      case "engine/api/v1/alerts":
        return [200, success({ alerts: this.#activeAlerts() })];
      case "alerts/api/v2/status":
        return [200, { config: { original: this.#behaviour.config } }];
      case "alerts/api/v2/alerts":
        return [200, this.#routedAlerts()];
      case "alerts/metrics":
        return [200, this.#alertsMetrics()];
      case "inbox/api/tatou/v1/inbox":
        return [200, { messages: this.#is(this.#behaviour.messageAfterMs) ? [message] : [] }];
      default:
        throw new Error(`Nothing answers ${url.href}`);
    }
  }

  #targetMetrics(): [number, string] {
    const { exposes } = this.#behaviour;
    if (exposes === "not for us") return [403, "no"];
    const series =
      this.#failureCount === 0 ? "" : `auth_failures_total{client_ip="${attacker}"} ${this.#failureCount}\n`;
    return [200, exposes === "nothing" ? "{}" : `# TYPE auth_failures_total counter\n${series}`];
  }

  #query(expr: string): unknown {
    if (expr === "auth_failures_total") {
      const isStored = this.#behaviour.scrapes && this.#failureCount > 0 && this.#is(10_000);
      return vector(isStored ? { __name__: expr, client_ip: attacker, job: "tatou-app" } : null, this.#failureCount);
    }
    const isTrue = this.#is(this.#behaviour.isTrueAfterMs);
    if (expr.endsWith("> 5")) return vector(isTrue ? { client_ip: attacker } : null, 8);
    return vector({ client_ip: attacker }, isTrue ? 8 : 2);
  }

  #rules(): unknown {
    if (!this.#behaviour.hasRule) return [];
    const query = "rate(auth_failures_total[2m]) > 5";
    return [
      {
        name: "HighAuthFailureRate",
        query,
        type: "alerting",
        health: "ok",
        duration: 60,
        labels: { severity: "high" },
      },
      { name: "HighErrorRate", query: "errors > 1", type: "alerting", health: "ok", labels: {} },
    ];
  }

  #activeAlerts(): readonly unknown[] {
    const { isTrueAfterMs, firesAfterMs, isActiveBefore, noiseAfterMs } = this.#behaviour;
    const active: unknown[] = [];
    const add = (own: Readonly<Record<string, string>>, state: string): void =>
      void active.push({ labels: own, annotations: {}, state, activeAt: "2026-01-01T00:00:00Z", value: "8e+00" });
    if (this.#is(firesAfterMs)) add(labels, "firing");
    else if (this.#is(isTrueAfterMs) || isActiveBefore) add(labels, "pending");
    if (this.#behaviour.isNoisyBefore || this.#is(noiseAfterMs))
      add({ alertname: "HighErrorRate", job: "tatou-app" }, "firing");
    else add({ alertname: "HighErrorRate", job: "tatou-app" }, "pending");
    return active;
  }

  #routedAlerts(): unknown {
    const { routedAfterMs, receivers, suppression } = this.#behaviour;
    if (!this.#is(routedAfterMs)) return [];
    const nobody = { state: "active", silencedBy: [], inhibitedBy: [] };
    const status = suppression === null ? nobody : { ...suppression, state: "suppressed" };
    const own = { ...ended, fingerprint: "f1", labels, receivers: receivers.map((name) => ({ name })), status };
    const other = { ...own, fingerprint: "f2", labels: { alertname: "TargetDown" }, status: nobody };
    return [own, other];
  }

  #alertsMetrics(): string {
    const { messageAfterMs, delivery, countsTries } = this.#behaviour;
    const { deliveryMetrics } = this.#behaviour;
    if (deliveryMetrics !== null) return deliveryMetrics(this.#is(messageAfterMs));
    const begun = this.#is(messageAfterMs) ? 4 : 3;
    const tries = [
      `alertmanager_notification_requests_total{integration="email"} ${begun}`,
      `alertmanager_notification_requests_failed_total{integration="email"} ${delivery === "succeeds" ? 0 : begun - 3}`,
    ];
    return [
      ...(countsTries ? tries : []),
      `alertmanager_notifications_total{integration="email"} ${begun}`,
      // A notification that is tried again has not failed yet.
      `alertmanager_notifications_failed_total{integration="email",reason="other"} ${delivery === "fails" ? begun - 3 : 0}`,
      // Those of other receivers go on all the time.
      `alertmanager_notifications_total{integration="webhook"} ${Math.round(this.#clock.nowMs() / 1000)}`,
      "",
    ].join("\n");
  }
}

const message = {
  seq: 1,
  receivedAt: "2026-01-01T00:00:00Z",
  receiver: "oncall",
  status: "firing",
  commonLabels: labels,
  alerts: [{ ...ended, status: "firing", labels, endsAt: "" }],
};

function success(data: unknown): unknown {
  return { status: "success", data };
}

function vector(metric: Readonly<Record<string, string>> | null, value: number): unknown {
  const result = metric === null ? [] : [{ metric, value: [1_700_000_000, String(value)] }];
  return success({ resultType: "vector", result });
}
