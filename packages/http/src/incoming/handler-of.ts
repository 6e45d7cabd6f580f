import type { Clock, HttpHandler } from "@tatou/model";
import type { FastifyInstance } from "fastify";

/**
 * An app as a handler for an InProcessTransport: the same guards, routes and errors as on a socket.
 * @param clock tracks requests under way, so that virtual time waits for them
 */
export function handlerOf(app: FastifyInstance, clock: Clock): HttpHandler {
  return async (request, { remoteAddress }) => {
    const url = new URL(request.url);
    const answer = app.inject({
      method: request.method,
      url: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...request.headers },
      remoteAddress,
      ...(request.body !== undefined && {
        payload: typeof request.body === "string" ? request.body : Buffer.from(request.body),
      }),
    });
    const response = await clock.track(answer);
    const headers: Record<string, string> = Object.create(null);
    for (const [name, value] of Object.entries(response.headers))
      if (value !== undefined)
        headers[name] = Array.isArray(value) ? value.join(name === "set-cookie" ? "\n" : ", ") : String(value);
    return { status: response.statusCode, headers, body: response.rawPayload };
  };
}
