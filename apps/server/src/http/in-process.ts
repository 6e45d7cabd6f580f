/**
 * Requests from inside this process. The router and all behind it run as for a request from a socket; only what Node's
 * parser reads from one, and what it writes to one, is made here.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, type HttpHandler, type HttpRequest, type HttpResponse, HttpTransportError } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import { InProcessRequest } from "./in-process-request.ts";
import { InProcessResponse } from "./in-process-response.ts";

/** Answers requests from inside this process, as if they came over a socket from the given peer. */
export function inProcessHandler(app: FastifyInstance, clock: Clock): HttpHandler {
  return (request, { remoteAddress }) => clock.track(answer(app, request, remoteAddress));
}

function answer(app: FastifyInstance, request: HttpRequest, remoteAddress: string): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const raw = new InProcessRequest(request, remoteAddress);
    const response = new InProcessResponse(request.method);
    response.once("finish", () => resolve(response.sent()));
    response.once("error", reject);
    response.once("close", () => {
      if (!response.writableFinished) reject(new HttpTransportError("network", "EOF"));
    });
    // They have what Fastify uses of Node's own, which cannot be made without a socket.
    app.routing(raw as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
}
