import type { Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { accountRoutes } from "../auth/account-routes.ts";
import { documentRoutes } from "../documents/document-routes.ts";
import { addUploadRoute } from "../documents/upload-route.ts";
import { versionRoutes } from "../documents/version-routes.ts";
import { metricsRoutes } from "../metrics/metrics-route.ts";
import { pageRoutes } from "../pages/page-routes.ts";
import type { ServerContext } from "../server-context.ts";
import { healthRoutes } from "../system/health-routes.ts";
import { unavailableRoutes } from "../system/unavailable-routes.ts";
import { addAdmission } from "./admission.ts";
import { answerProblem } from "./answer-problem.ts";
import { bodySizeMaxBytes, parseBody } from "./body.ts";
import { routedTarget } from "./request-target.ts";
import { addRoutes, supportAllMethods } from "./routes.ts";

const headersTimeoutMs = 10_000;
/** Header and body together. */
const requestTimeoutMs = 60_000;
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
    http: { connectionsCheckingInterval: connectionsCheckingIntervalMs, headersTimeout: headersTimeoutMs },
    routerOptions: { maxParamLength: parameterLengthMax },
    return503OnClosing: false,
    rewriteUrl: routedTarget,
    clientErrorHandler: refuseUnparsable,
  });
  supportAllMethods(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (request, bytes, done) => {
    done(null, parseBody(request.headers["content-type"] ?? "", bytes as Buffer));
  });
  app.setErrorHandler((error, request, reply) => answerProblem(error, { request, reply }, context));
  addAdmission(app, context);
  addRoutes(app, [
    ...healthRoutes(context),
    ...metricsRoutes(context),
    ...accountRoutes(context),
    ...documentRoutes(context),
    ...versionRoutes(context),
    ...unavailableRoutes(context),
    ...(await pageRoutes()),
  ]);
  await addUploadRoute(app, context);
  await app.ready();
  return app;
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
