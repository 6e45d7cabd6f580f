import { type Clock, type Log, silentLog } from "@tatou/model";
import Fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { createSystemClock } from "../clock/node-clock.ts";
import { answerClientError, headerSizeMaxBytes } from "./client-errors.ts";
import { type DoorOptions, doorOptionsKey } from "./door-options.ts";
import { guardRequest } from "./guard.ts";
import { apiSecurityPolicy } from "./security-policy.ts";
import { serveStaticFiles } from "./static-files.ts";

const bodySizeMaxBytesDefault = 10 * 1024 * 1024;
const closeGraceMsDefault = 5000;
/** From the first byte of a request to its last; a client slower than this is cut off. */
const requestTimeoutMs = 30_000;
const connectionsMax = 1024;

/**
 * A fastify instance behind the guards that every page-serving program has: only known host names, only same-origin
 * browsers, security headers, limits, files of the web root, an end that waits for answers under way. Routes are the
 * app's, and so is the form of errors.
 */
export function createDoor(options: DoorOptions): FastifyInstance {
  const clock = options.clock ?? createSystemClock();
  const door = Fastify({
    bodyLimit: options.bodySizeMaxBytes ?? bodySizeMaxBytesDefault,
    http: { maxHeaderSize: headerSizeMaxBytes },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, clock),
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: "idle",
    return503OnClosing: true,
    trustProxy: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
  });
  door.server.maxConnections = connectionsMax;
  door.decorate(doorOptionsKey, options);
  door.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "content-security-policy": apiSecurityPolicy,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    const refusal = guardRequest(request, options.allowedHosts ?? []);
    if (refusal !== undefined) await reply.code(403).type("text/plain; charset=utf-8").send(`${refusal}\n`);
  });
  door.setErrorHandler<FastifyError>(options.handleError ?? plainTextErrors(options.log ?? silentLog));
  if (options.webRoot !== undefined) serveStaticFiles(door, options.webRoot);
  cutConnectionsAfter(door, options.closeGraceMs ?? closeGraceMsDefault, clock);
  return door;
}

function plainTextErrors(log: Log): NonNullable<DoorOptions["handleError"]> {
  return (error, request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500) log.error(`${request.method} ${request.url}: ${error.stack ?? error}`);
    const text = status >= 500 ? "Internal error, see the program's log" : error.message;
    return reply.code(status).type("text/plain; charset=utf-8").send(`${text}\n`);
  };
}

function cutConnectionsAfter(door: FastifyInstance, graceMs: number, clock: Clock): void {
  let cancel: (() => void) | undefined;
  door.addHook("preClose", async () => {
    cancel = clock.schedule(graceMs, () => door.server.closeAllConnections());
  });
  door.addHook("onClose", async () => cancel?.());
}
