import { errorEnvelope } from "@tatou/api";
import { createDoor, type DoorOptions, isPageRequest, type MissingPage, sendMissingPage } from "@tatou/http";
import type { Log } from "@tatou/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface EngineDoorOptions extends Pick<DoorOptions, "webRoot" | "trustedNetwork" | "allowedHosts" | "clock"> {
  readonly log: Log;
  readonly readiness: () => Readiness;
  /** Hears of every answer; `handler` is the pattern of its route, so there are few of them. */
  readonly onAnswer: (answer: { readonly handler: string; readonly code: number }) => void;
}

export type Readiness = "starting" | "ready" | "stopping";

/** The door of the engine: forms as the only kind of body, errors in Prometheus' envelope, its texts for unknown paths. */
export function openEngineDoor({ log, onAnswer, readiness, ...options }: EngineDoorOptions): FastifyInstance {
  const door = createDoor({
    listenFlag: "--web.listen-address",
    log,
    handleError: (error, request, reply) => {
      if (error.statusCode !== undefined && error.statusCode < 500)
        return sendError(request, reply.code(error.statusCode), error.message);
      log.error(`Cannot answer ${request.method} ${request.url}: ${error.stack ?? error.message}`);
      return sendError(request, reply.code(500), "internal error");
    },
    ...options,
  });
  takeForms(door);
  guard(door, readiness);
  door.addHook("onResponse", async (request, reply) => {
    onAnswer({ handler: request.routeOptions.url ?? "unmatched", code: reply.statusCode });
  });
  door.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(door, request);
    if (allowed.length === 0) {
      if (isPageRequest(request)) return sendMissingPage(request, reply, missingPage);
      return reply.code(404).type(textType).send("404 page not found\n");
    }
    return reply.code(405).header("allow", allowed.join(", ")).type(textType).send("Method Not Allowed\n");
  });
  return door;
}

const missingPage: MissingPage = {
  page: "engine.html",
  links: [
    { label: "Query", path: "/query" },
    { label: "Alerts", path: "/alerts" },
    { label: "Targets", path: "/targets" },
    { label: "Recording rules", path: "/rules" },
    { label: "Check", path: "/check" },
    { label: "Storage", path: "/tsdb-status" },
  ],
};

const textType = "text/plain; charset=utf-8";

/** What tells about the start itself is answered during it; pages have no samples in them. */
const answeredAlways = new Set(["/api/v1/status/walreplay", "/api/tatou/v1/storage"]);

/** Until the storage is open, and from the end on, the API answers as Prometheus does then. */
function guard(door: FastifyInstance, readiness: () => Readiness): void {
  door.addHook("onRequest", (request, reply, done) => {
    const state = readiness();
    const path = request.url.split("?")[0]!;
    const needsStorage = path === "/-/ready" || (path.startsWith("/api/") && !answeredAlways.has(path));
    if (state === "ready" || !needsStorage) return done();
    void reply
      .code(503)
      .header("x-prometheus-stopping", String(state === "stopping"))
      .type(textType)
      .send("Service Unavailable");
    return done();
  });
}

/** As Go's server: other kinds of body are not looked at, and the parameters of the URL count alone. */
function takeForms(door: FastifyInstance): void {
  door.removeAllContentTypeParsers();
  door.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  door.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
}

function sendError(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  if (!request.url.startsWith("/api/v1/")) return reply.type(textType).send(`${message}\n`);
  return reply.send(errorEnvelope(reply.statusCode < 500 ? "bad_data" : "internal", message));
}

/** The methods that an unanswered path does have. */
function methodsOf(door: FastifyInstance, request: FastifyRequest): string[] {
  const path = request.url.split("?")[0]!;
  return ["GET", "HEAD", "POST", "PUT"].filter((method) => door.findRoute({ method: method, url: path }) !== null);
}
