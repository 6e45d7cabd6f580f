import type { Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { accountRoutes } from "../auth/account-routes.ts";
import { documentRoutes } from "../documents/document-routes.ts";
import { uploadRoutes } from "../documents/upload-route.ts";
import { addSlowAnswers } from "../faults/slow-answers.ts";
import { metricsRoutes } from "../metrics/metrics-route.ts";
import { openApiRoute } from "../openapi/openapi-route.ts";
import { pageRoutes } from "../pages/page-routes.ts";
import { rmapRoutes } from "../rmap/rmap-routes.ts";
import type { ServerContext } from "../server-context.ts";
import { healthRoutes } from "../system/health-routes.ts";
import { pluginRoutes } from "../system/plugin-routes.ts";
import { versionRoutes } from "../versions/version-routes.ts";
import { watermarkRoutes } from "../versions/watermark-routes.ts";
import { addAdmission } from "./admission.ts";
import { answerProblem } from "./answer-problem.ts";
import { bodySizeMaxBytes, parseBody } from "./body.ts";
import { endConnectionsWhenStopping } from "./last-answers.ts";
import { prepareForRouter } from "./request-target.ts";
import { addRoutes, type Route } from "./routes.ts";

const headersTimeoutMs = 10_000;
/** Header and body together. */
const requestTimeoutMs = 60_000;
/** Nothing sent and nothing read for so long: longer than any work on a PDF. */
const idleConnectionTimeoutMs = 120_000;
const connectionCountMax = 8_192;
/** How often Node looks for connections past their time. */
const connectionsCheckingIntervalMs = 5_000;
/** No link or id is longer than the longest target that Node reads. */
const parameterLengthMax = 16 * 1_024;

/** The HTTP side of a server: all routes, on one router. */
export async function createApp(context: ServerContext): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: bodySizeMaxBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: idleConnectionTimeoutMs,
    http: { connectionsCheckingInterval: connectionsCheckingIntervalMs, headersTimeout: headersTimeoutMs },
    routerOptions: { maxParamLength: parameterLengthMax },
    return503OnClosing: false,
    rewriteUrl: prepareForRouter,
    clientErrorHandler: refuseUnparsable,
  });
  app.server.maxConnections = connectionCountMax;
  // An expectation that nobody knows is no reason to refuse; without this, Node would answer in our place.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (request, bytes, done) => {
    request.record.bodySizeBytes = bytes.length;
    done(null, parseBody(request.headers["content-type"] ?? "", bytes as Buffer));
  });
  app.setErrorHandler((error, request, reply) => answerProblem(error, { request, reply }, context));
  addAdmission(app, context);
  const { clock, faults } = context;
  if (faults !== null) addSlowAnswers(app, { clock, faults });
  endConnectionsWhenStopping(app);
  const uploads = uploadRoutes(context);
  const others = [
    ...healthRoutes(context),
    ...metricsRoutes(context),
    ...accountRoutes(context),
    ...documentRoutes(context),
    ...versionRoutes(context),
    ...watermarkRoutes(context),
    ...pluginRoutes(),
    ...rmapRoutes(context),
    ...(await pageRoutes()),
  ];
  addRoutes(app, [...others, openApiRoute([...others, ...uploads])]);
  await app.register(async (scope) => {
    leaveBodies(scope);
    addRoutes(scope, uploads);
  });
  announceBodies([...others, ...uploads], context);
  await app.ready();
  return app;
}

/** In this scope bodies are left to the routes to read. */
function leaveBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
}

function announceBodies(routes: readonly Route[], { metrics }: ServerContext): void {
  for (const { methods, paths } of routes) {
    if (methods.includes("GET")) continue;
    for (const path of paths) metrics.usage.addBodyEndpoint(path);
  }
}

/** What Node's parser refuses never becomes a request: a bare answer, and no count. */
function refuseUnparsable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const statuses: Readonly<Record<string, string>> = {
    ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
    HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  };
  const status = statuses[error.code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
