import { bodyText, type HttpRequest, type HttpResponse, type HttpTransport, HttpTransportError } from "@tatou/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { RefusedRequest } from "../errors.ts";
import type { Datasource } from "../store/datasources.ts";

const timeoutMsDefault = 30_000;
const answerSizeMaxBytes = 64 * 1024 * 1024;

/** What a panel, a variable or an editor asks of a Prometheus; nothing that changes or reveals its configuration. */
const readPaths =
  /^api\/v1\/(?:query|query_range|query_exemplars|labels|label\/[^/]+\/values|series|metadata|rules|alerts|format_query|parse_query|status\/buildinfo)$/;

interface Question {
  readonly path: string;
  /** Of the URL, without the question mark. */
  readonly query: string;
  /** A form; a question with one is a POST. */
  readonly body: Uint8Array | undefined;
}

/** Hands queries on to the data source, with its credentials, so that browsers need none. */
export class DatasourceProxy {
  readonly #transport: HttpTransport;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  async forward(
    datasource: Datasource,
    path: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (!readPaths.test(path)) {
      throw new RefusedRequest(403, `Path ${JSON.stringify(path.slice(0, 100))} is not one that dashboards may query`);
    }
    const query = request.url.split("?").slice(1).join("?");
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort(new Error("the client is gone")));
    const body = request.body instanceof Uint8Array ? request.body : undefined;
    const response = await this.#send(datasource, { path, query, body }, gone.signal);
    return reply
      .code(response.status)
      .type(response.headers["content-type"] ?? "application/json")
      .send(Buffer.from(response.body));
  }

  /** Whether the data source answers a query, in the shape of Grafana's health check. */
  async check(datasource: Datasource): Promise<{ status: "OK" | "ERROR"; message: string }> {
    try {
      const response = await this.#send(datasource, { path: "api/v1/query", query: "query=1%2B1", body: undefined });
      if (isQueryAnswer(response)) return { status: "OK", message: "Successfully queried the Prometheus API." };
      const found = `status ${response.status}, ${JSON.stringify(bodyText(response).slice(0, 80))}`;
      return { status: "ERROR", message: `${datasource.url} does not answer like a Prometheus: found ${found}` };
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      return { status: "ERROR", message: error.message };
    }
  }

  async #send(datasource: Datasource, question: Question, signal?: AbortSignal): Promise<HttpResponse> {
    const { path, query, body } = question;
    if (datasource.url === "") throw new RefusedRequest(400, `Data source ${datasource.name} has no URL`);
    const forwarded: HttpRequest = {
      method: body === undefined ? "GET" : "POST",
      url: `${datasource.url}/${path}${query === "" ? "" : `?${query}`}`,
      headers: {
        ...credentials(datasource),
        accept: "application/json",
        "accept-encoding": "gzip",
        ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
      },
      timeoutMs: timeoutMsDefault,
      bodySizeMaxBytes: answerSizeMaxBytes,
      ...(body !== undefined && { body }),
    };
    try {
      return await this.#transport.send(forwarded, signal);
    } catch (error) {
      if (!(error instanceof HttpTransportError)) throw error;
      throw new RefusedRequest(502, `Data source ${datasource.name} does not answer: ${error.message}`, {
        hint: "Is the server up, and is the URL of the data source right?",
      });
    }
  }
}

function credentials({ basicAuth, basicAuthUser, secureJsonData, jsonData }: Datasource): Record<string, string> {
  const headers: Record<string, string> = {};
  if (basicAuth) {
    const pair = `${basicAuthUser}:${secureJsonData["basicAuthPassword"] ?? ""}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  // Grafana keeps extra headers as numbered pairs: httpHeaderName1 in the open part, httpHeaderValue1 in the secret one.
  for (const [key, name] of Object.entries(jsonData)) {
    const number = /^httpHeaderName(\d+)$/.exec(key)?.[1];
    const value = number === undefined ? undefined : secureJsonData[`httpHeaderValue${number}`];
    if (typeof name === "string" && value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}

function isQueryAnswer(response: HttpResponse): boolean {
  try {
    return (JSON.parse(bodyText(response)) as { status?: unknown }).status === "success";
  } catch {
    return false;
  }
}
