import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemClock } from "@tatou/model";
import { createServer, type TatouServer } from "../create-server.ts";
import { readServerSettings, type ServerSettings } from "../settings.ts";

export interface TestRequest {
  readonly method?: string;
  /** Sent exactly as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly token?: string;
  /** The loopback address to come from. */
  readonly from?: string;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON; an empty object when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Counts of ordinary work, which tests of attacks leave aside. */
const usageSeries =
  /^(?:http_request|metrics_tracked|db_query|rate_limit_hits|logins_|upload_bytes|uploads_|watermark_|audit_events|rmap_sessions)/;

/** Series as written in the exposition → value. */
export type Samples = ReadonlyMap<string, number>;

/** A server on a free port with its own folder; time can be moved forward. */
export class TestServer {
  readonly server: TatouServer;
  readonly folder: string;
  readonly logLines: string[];
  readonly port: number;
  readonly #shiftMs: { value: number };

  private constructor(parts: {
    server: TatouServer;
    folder: string;
    logLines: string[];
    port: number;
    shiftMs: { value: number };
  }) {
    this.server = parts.server;
    this.folder = parts.folder;
    this.logLines = parts.logLines;
    this.port = parts.port;
    this.#shiftMs = parts.shiftMs;
  }

  static async start(
    options: { settings?: Partial<ServerSettings>; env?: Readonly<Record<string, string>> } = {},
  ): Promise<TestServer> {
    const folder = mkdtempSync(join(tmpdir(), "tatou-server-"));
    const env = { SECRET_KEY: "0123456789abcdef0123456789abcdef", STORAGE_DIR: folder, ...options.env };
    const settings = { ...readServerSettings(env), ...options.settings };
    const shiftMs = { value: 0 };
    const clock = new SystemClock({
      nowMs: () => Date.now() + shiftMs.value,
      monotonicMs: () => performance.now() + shiftMs.value,
      setTimer: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
      clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
    });
    const logLines: string[] = [];
    const log = { write: (line: string) => void logLines.push(line) };
    const server = await createServer({ settings, clock, log, withProcessMetrics: false });
    const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
    return new TestServer({ server, folder, logLines, port, shiftMs });
  }

  moveTime(durationMs: number): void {
    this.#shiftMs.value += durationMs;
  }

  async stop(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  send(test: TestRequest): Promise<TestResponse> {
    const headers: Record<string, string> = { connection: "close", ...test.headers };
    // Node's client states no length for methods that usually have no body.
    const isChunked = headers["transfer-encoding"] !== undefined;
    if (test.body !== undefined && !isChunked) headers["content-length"] = String(Buffer.byteLength(test.body));
    if (test.token !== undefined) headers["authorization"] = `Bearer ${test.token}`;
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: "127.0.0.1",
          port: this.port,
          method: test.method ?? "GET",
          path: test.path,
          headers,
          localAddress: test.from ?? "127.0.0.1",
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const body = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body,
              text: body.toString(),
              json: parseJson(body),
            });
          });
          response.on("error", reject);
        },
      );
      request.on("error", reject);
      request.end(test.body);
    });
  }

  post(path: string, fields: unknown, options: Partial<TestRequest> = {}): Promise<TestResponse> {
    const headers = { "content-type": "application/json", ...options.headers };
    return this.send({ method: "POST", path, body: JSON.stringify(fields), ...options, headers });
  }

  upload(file: Buffer | string, options: UploadForm & Partial<TestRequest> = {}): Promise<TestResponse> {
    const { headers, body } = uploadForm(file, options);
    return this.send({ method: "POST", path: "/api/upload-document", ...options, headers, body });
  }

  /** Makes an account and logs it in. */
  async newUser(login: string): Promise<{ id: number; email: string; password: string; token: string }> {
    const [email, password] = [`${login}@example.org`, `password of ${login}`];
    const made = await this.post("/api/create-user", { email, login, password });
    const entered = await this.post("/api/login", { email, password });
    if (made.status !== 201 || entered.status !== 200) throw new Error(`no user: ${made.text} ${entered.text}`);
    return { id: Number(made.json["id"]), email, password, token: String(entered.json["token"]) };
  }

  async scrape(): Promise<Samples> {
    const { text } = await this.send({ path: "/metrics" });
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
  }

  /** What the work moved of the metrics that alerts are made from; series as written → difference. */
  async moved(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await this.scrape();
    await work();
    const after = await this.scrape();
    const changes = [...after]
      .map(([series, value]) => [series, value - (before.get(series) ?? 0)] as const)
      .filter(([series, change]) => change !== 0 && !usageSeries.test(series));
    return Object.fromEntries(changes);
  }

  /** Every file below the storage folder, apart from the database. */
  storedFiles(): string[] {
    const names = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile() && !entry.name.includes("sqlite")).map((entry) => entry.name);
  }
}

export interface UploadForm {
  readonly fileName?: string;
  /** Null leaves the header out. */
  readonly contentType?: string | null;
  readonly name?: string;
  readonly fieldName?: string;
}

export function uploadForm(
  file: Buffer | string,
  { fileName = "report.pdf", contentType = "application/pdf", name, fieldName = "file" }: UploadForm = {},
): { headers: Record<string, string>; body: Buffer } {
  const boundary = "----test0123456789";
  const nameField =
    name === undefined ? "" : `--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n${name}\r\n`;
  const type = contentType === null ? "" : `Content-Type: ${contentType}\r\n`;
  const head = `${nameField}--${boundary}\r\nContent-Disposition: form-data; name="${fieldName}"; filename="${fileName}"\r\n${type}\r\n`;
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), Buffer.from(file), Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** One counted security event, as `moved` names it. */
export function event(type: string, severity: string): Record<string, number> {
  return { [`security_events_total{event_type="${type}",severity="${severity}"}`]: 1 };
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
