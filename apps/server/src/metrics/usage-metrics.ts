/** Beyond the eight metrics that alerts need: how much the platform is used, and how hard it works. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What a request can be too many of: the values of the label `limiter`. */
export const limiterNames = [
  "requests",
  "sign_ups",
  "login",
  "uploads",
  "watermarks",
  "link_misses",
  "rmap_requests",
  "rmap_handshakes",
  "work_queue",
] as const;

export type LimiterName = (typeof limiterNames)[number];

/** How an attempt to log in can end: the values of the label `result`. */
export const loginResults = ["success", "failure", "throttled"] as const;

export type LoginResult = (typeof loginResults)[number];

/** What the audit log records: the values of the label `action`. */
export const auditActions = [
  "create-user",
  "login",
  "logout",
  "refresh-token",
  "upload-document",
  "delete-document",
  "create-watermark",
  "read-watermark",
  "rmap-link",
] as const;

export type AuditAction = (typeof auditActions)[number];

/** What a statement does: the values of the label `operation`. */
export const queryOperations = ["select", "insert", "update", "delete", "other"] as const;

export type QueryOperation = (typeof queryOperations)[number];

const queryBucketsSeconds = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
const bodyBucketsBytes = [256, 1_024, 16_384, 65_536, 1_048_576, 4_194_304, 16_777_216, 26_214_400];

export class UsageMetrics {
  readonly #registry: Registry;
  readonly #limiterHits: Counter;
  readonly #logins: Counter;
  readonly #uploads: Counter;
  readonly #uploadBytes: Counter;
  readonly #inProgress: Gauge;
  readonly #bodyBytes: Histogram;
  readonly #queries: Histogram;
  readonly #auditEvents: Counter;
  #countRmapSessions = (): number => 0;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#limiterHits = this.#counter("rate_limit_hits_total", "Requests refused by a limit", limiterLabels);
    this.#logins = this.#counter("logins_total", "Attempts to log in with complete credentials", loginLabels);
    this.#uploads = this.#counter("uploads_total", "Documents accepted");
    this.#uploadBytes = this.#counter("upload_bytes_total", "Size of the documents accepted");
    this.#auditEvents = this.#counter("audit_events_total", "Entries of the audit log", auditLabels);
    this.#inProgress = new Gauge({
      name: "http_requests_in_progress",
      help: "Requests that have no complete answer yet",
      registers: [registry],
    });
    this.#bodyBytes = new Histogram({
      name: "http_request_body_bytes",
      help: "Bytes of request bodies that were read",
      labelNames: ["endpoint"],
      buckets: bodyBucketsBytes,
      registers: [registry],
    });
    this.#queries = new Histogram({
      name: "db_query_duration_seconds",
      help: "Time of database statements, the wait for the connection included",
      labelNames: ["operation"],
      buckets: queryBucketsSeconds,
      registers: [registry],
    });
    for (const operation of queryOperations) this.#queries.zero({ operation });
    this.#addRmapSessions();
  }

  countLimiterHit(limiter: LimiterName): void {
    this.#limiterHits.inc({ limiter });
  }

  countLogin(result: LoginResult): void {
    this.#logins.inc({ result });
  }

  countUpload(sizeBytes: number): void {
    this.#uploads.inc();
    this.#uploadBytes.inc(sizeBytes);
  }

  countAudit(action: AuditAction): void {
    this.#auditEvents.inc({ action });
  }

  requestBegins(): void {
    this.#inProgress.inc();
  }

  requestEnds(): void {
    this.#inProgress.dec();
  }

  /** Announces an endpoint whose requests have bodies. */
  addBodyEndpoint(endpoint: string): void {
    this.#bodyBytes.zero({ endpoint });
  }

  observeBody(endpoint: string, sizeBytes: number): void {
    this.#bodyBytes.observe({ endpoint }, sizeBytes);
  }

  observeQuery(operation: QueryOperation, durationSeconds: number): void {
    this.#queries.observe({ operation }, durationSeconds);
  }

  /** Says where the number of open RMAP sessions is to be read; without, it is 0. */
  watchRmapSessions(count: () => number): void {
    this.#countRmapSessions = count;
  }

  #addRmapSessions(): void {
    const count = (): number => this.#countRmapSessions();
    const gauge = new Gauge({
      name: "rmap_sessions_pending",
      help: "RMAP sessions that wait for their second message",
      registers: [this.#registry],
      collect() {
        this.set(count());
      },
    });
    gauge.set(0);
  }

  #counter(name: string, help: string, closed?: ClosedLabel): Counter {
    const labelNames = closed === undefined ? [] : [closed.name];
    const counter = new Counter({ name, help, labelNames, registers: [this.#registry] });
    for (const value of closed?.values ?? []) counter.inc({ [closed!.name]: value }, 0);
    return counter;
  }
}

/** A label with all its values, each of which stands at 0 from the start. */
interface ClosedLabel {
  readonly name: string;
  readonly values: readonly string[];
}

const limiterLabels: ClosedLabel = { name: "limiter", values: limiterNames };
const loginLabels: ClosedLabel = { name: "result", values: loginResults };
const auditLabels: ClosedLabel = { name: "action", values: auditActions };
