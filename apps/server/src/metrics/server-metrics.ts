import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { ClientIpGuard, otherClients } from "./client-ip-guard.ts";
import { type SecurityEventType, securityEventSeverity, securityEventTypes } from "./security-events.ts";
import { type UploadErrorType, uploadErrorTypes } from "./upload-error-types.ts";
import { UsageMetrics } from "./usage-metrics.ts";
import { WatermarkMetrics } from "./watermark-metrics.ts";

export interface ServerMetricsOptions {
  /** How many client addresses have a label of their own. */
  readonly clientIpCountMax: number;
  readonly version: string;
  /** Adds the process and runtime metrics of prom-client; without them, the start of the process is that of this object. */
  readonly withProcessMetrics: boolean;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** The names of the registered watermarking methods. */
  readonly watermarkMethods: readonly string[];
  /** Called when an event found no label of its own. */
  readonly onLabelOverflow: () => void;
}

export interface FinishedRequest {
  readonly method: string;
  readonly endpoint: string;
  readonly status: number;
  readonly durationSeconds: number;
}

const durationBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const countedMethods = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

/** The counters with a label `client_ip`, which share one guard. */
const clientCounters = {
  auth_failures_total: "Requests answered 401, and logins answered 429",
  sql_errors_total: "Requests with a database error or an input that looks like SQL injection",
  file_upload_errors_total: "Authenticated uploads that failed, by reason",
  pdf_parser_errors_total: "PDF operations that failed in the parser or ran into a limit",
  rmap_handshake_failures_total: "RMAP requests that failed",
} as const;

type ClientCounterName = keyof typeof clientCounters;

const clientCounterNames = Object.keys(clientCounters) as readonly ClientCounterName[];

/** The metrics of one server, in a registry of their own; all closed label sets stand at 0 from the start. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly usage = new UsageMetrics(this.registry);
  readonly watermarks: WatermarkMetrics;
  readonly #options: ServerMetricsOptions;
  readonly #guard: ClientIpGuard;
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #events: Counter;
  readonly #overflow: Counter;
  readonly #clientCounters: Readonly<Record<ClientCounterName, Counter>>;

  constructor(options: ServerMetricsOptions) {
    this.#options = options;
    this.#guard = new ClientIpGuard(options.clientIpCountMax);
    this.#requests = this.#counter("http_requests_total", "Finished requests", ["method", "endpoint", "http_status"]);
    this.#durations = new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from the header of a request to the last byte of its answer",
      labelNames: ["method", "endpoint"],
      buckets: durationBucketsSeconds,
      registers: [this.registry],
    });
    this.#clientCounters = this.#createClientCounters();
    this.#events = this.#counter("security_events_total", "Security events", ["event_type", "severity"]);
    this.#overflow = this.#counter("metrics_label_overflow_total", "Events without a label of their own", ["metric"]);
    this.watermarks = new WatermarkMetrics({
      registry: this.registry,
      methods: options.watermarkMethods,
      monotonicMs: options.monotonicMs,
    });
    this.#createGauges();
    this.#createZeroSeries();
    if (options.withProcessMetrics) collectDefaultMetrics({ register: this.registry });
    else this.#createStartTime();
  }

  countRequest(request: FinishedRequest): void {
    const method = countedMethods.has(request.method) ? request.method : "OTHER";
    this.#requests.inc({ method, endpoint: request.endpoint, http_status: String(request.status) });
    this.#durations.observe({ method, endpoint: request.endpoint }, request.durationSeconds);
  }

  countAuthFailure(clientIp: string): void {
    this.#countClient("auth_failures_total", clientIp);
  }

  countSqlError(clientIp: string): void {
    this.#countClient("sql_errors_total", clientIp);
  }

  countUploadError(clientIp: string, errorType: UploadErrorType): void {
    this.#countClient("file_upload_errors_total", clientIp, { error_type: errorType });
  }

  countPdfParserError(clientIp: string): void {
    this.#countClient("pdf_parser_errors_total", clientIp);
  }

  countRmapFailure(clientIp: string): void {
    this.#countClient("rmap_handshake_failures_total", clientIp);
  }

  countSecurityEvent(type: SecurityEventType): void {
    this.#events.inc({ event_type: type, severity: securityEventSeverity[type] });
  }

  #countClient(name: ClientCounterName, clientIp: string, labels: Record<string, string> = {}): void {
    const { label, evicted } = this.#guard.label(clientIp, this.#options.nowMs());
    if (evicted !== null) this.#removeClient(evicted);
    if (label === otherClients) {
      this.#overflow.inc({ metric: name });
      this.#options.onLabelOverflow();
    }
    this.#clientCounters[name].inc({ ...labels, client_ip: label });
  }

  #removeClient(clientIp: string): void {
    for (const name of clientCounterNames) {
      if (name !== "file_upload_errors_total") this.#clientCounters[name].remove({ client_ip: clientIp });
    }
    for (const errorType of uploadErrorTypes) {
      this.#clientCounters.file_upload_errors_total.remove({ error_type: errorType, client_ip: clientIp });
    }
  }

  #createClientCounters(): Record<ClientCounterName, Counter> {
    const entries = clientCounterNames.map((name) => {
      const labelNames = name === "file_upload_errors_total" ? ["error_type", "client_ip"] : ["client_ip"];
      return [name, this.#counter(name, clientCounters[name], labelNames)] as const;
    });
    return Object.fromEntries(entries) as Record<ClientCounterName, Counter>;
  }

  #createGauges(): void {
    const guard = this.#guard;
    const tracked = new Gauge({
      name: "metrics_tracked_client_ips",
      help: "Client addresses that have a label of their own",
      registers: [this.registry],
      collect() {
        this.set(guard.trackedCount);
      },
    });
    tracked.set(0);
    const build = new Gauge({
      name: "build_info",
      help: "Always 1; the label tells the version",
      labelNames: ["version"],
      registers: [this.registry],
    });
    build.set({ version: this.#options.version }, 1);
  }

  /** Rules count restarts by it. */
  #createStartTime(): void {
    const started = new Gauge({
      name: "process_start_time_seconds",
      help: "When the server was started, in seconds since 1970",
      registers: [this.registry],
    });
    started.set(this.#options.nowMs() / 1_000);
  }

  #createZeroSeries(): void {
    for (const type of securityEventTypes) {
      this.#events.inc({ event_type: type, severity: securityEventSeverity[type] }, 0);
    }
    for (const name of clientCounterNames) {
      this.#overflow.inc({ metric: name }, 0);
      if (name !== "file_upload_errors_total") this.#clientCounters[name].inc({ client_ip: otherClients }, 0);
    }
    for (const errorType of uploadErrorTypes) {
      this.#clientCounters.file_upload_errors_total.inc({ error_type: errorType, client_ip: otherClients }, 0);
    }
    // One series, so that an alert on the absence of the whole family stays quiet before the first request.
    this.#requests.inc({ method: "GET", endpoint: "/healthz", http_status: "200" }, 0);
    this.#durations.zero({ method: "GET", endpoint: "/healthz" });
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
