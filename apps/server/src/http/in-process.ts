import type { Clock, HttpHandler, HttpRequest } from "@tatou/model";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { withStandIn } from "./request-target.ts";

/** Answers requests from inside this process, as if they came over a socket from the given peer. */
export function inProcessHandler(app: FastifyInstance, clock: Clock): HttpHandler {
  return async (request, { remoteAddress }) => {
    const response = await clock.track(inject(app, request, remoteAddress));
    return { status: response.statusCode, headers: joinHeaders(response.headers), body: response.rawPayload };
  };
}

function inject(app: FastifyInstance, request: HttpRequest, remoteAddress: string): Promise<LightMyRequestResponse> {
  const { host = "localhost", target = request.url } =
    /^https?:\/\/(?<host>[^/?#]*)(?<target>[^#]*)/i.exec(request.url)?.groups ?? {};
  const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
  // The library would resolve `..` and escapes in an address, so the target goes past it, exactly as it was given.
  return withStandIn(target.startsWith("/") ? target : `/${target}`, async (url) =>
    app.inject({
      method: request.method,
      url,
      headers: { host, ...request.headers },
      remoteAddress,
      ...(body === undefined ? {} : { payload: Buffer.from(body) }),
    }),
  );
}

type AnswerHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>;

function joinHeaders(headers: AnswerHeaders): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = [value].flat().join(name === "set-cookie" ? "\n" : ", ");
  }
  return joined;
}
