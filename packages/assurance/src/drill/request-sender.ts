import { type HttpRequest, type HttpResponse, HttpTransportError } from "@tatou/model";
import { DrillSetupError } from "../errors.ts";
import type { DrillWorld } from "./drill-world.ts";
import { headerProblem, pathProblem } from "./request-path.ts";

const timeoutDefaultMs = 10_000;
const bodySizeDefaultMaxBytes = 1024 * 1024;

/** One request to the platform under attack; where that is, no request can say. */
export interface DrillRequest {
  readonly method: HttpRequest["method"];
  /** From "/" on, with its query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Default the world's first. */
  readonly sourceAddress?: string;
  /** Statuses that show that the platform met the attack; empty or absent takes any answer. */
  readonly answers?: readonly number[];
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Default 1 MiB. */
  readonly bodySizeMaxBytes?: number;
}

/**
 * Sends to the world's target and to nobody else, and counts what comes back; null when no answer came.
 *
 * In virtual time the program that answers tracks its work by itself. A request is not tracked as a whole: a platform that
 * was made slow on purpose waits for the clock, which would then wait for the request.
 *
 * @throws {DrillSetupError} such a request cannot be sent as it is written
 */
export async function sendDrillRequest(request: DrillRequest, world: DrillWorld): Promise<HttpResponse | null> {
  const { clock, tally, signal } = world;
  const prepared = preparedRequest(request, world);
  if (signal.aborted) return null;
  tally.sent(clock.nowMs());
  try {
    const response = await world.transport.send(prepared, signal);
    const { answers = [] } = request;
    const isExpected = answers.length === 0 || answers.includes(response.status);
    tally.answered(response.status, { isExpected, nowMs: clock.nowMs() });
    return response;
  } catch (error) {
    if (!(error instanceof HttpTransportError)) throw error;
    if (!signal.aborted) tally.failed(error.message);
    return null;
  }
}

function preparedRequest(request: DrillRequest, world: DrillWorld): HttpRequest {
  const { method, path, headers = {}, body } = request;
  refuseProblem(`path ${JSON.stringify(path)}`, pathProblem(path));
  for (const [name, value] of Object.entries(headers))
    refuseProblem(`header ${JSON.stringify(name)}`, headerProblem(name, value));
  return {
    method,
    url: world.targetUrl + path,
    headers,
    ...(body === undefined ? {} : { body }),
    timeoutMs: request.timeoutMs ?? timeoutDefaultMs,
    bodySizeMaxBytes: request.bodySizeMaxBytes ?? bodySizeDefaultMaxBytes,
    localAddress: request.sourceAddress ?? world.sourceAddress(0),
    followsRedirects: false,
  };
}

function refuseProblem(what: string, problem: string | null): void {
  if (problem !== null)
    throw new DrillSetupError(`Cannot send the ${what}: ${problem}`, "Write it as a client sends it");
}
