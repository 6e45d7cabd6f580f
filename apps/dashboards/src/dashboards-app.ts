import { join } from "node:path";
import cookie from "@fastify/cookie";
import { createDoor, handlerOf, type ListeningAddress, listen, sendPage } from "@tatou/http";
import type { Clock, EventLog, HttpHandler, HttpTransport, Log } from "@tatou/model";
import { openSqlite } from "@tatou/sql";
import type { FastifyInstance } from "fastify";
import { Accounts } from "./auth/accounts.ts";
import { RefusedRequest } from "./errors.ts";
import { addAccountRoutes } from "./http/account-routes.ts";
import { requireAccount } from "./http/authenticate.ts";
import { addDashboardRoutes } from "./http/dashboard-routes.ts";
import { DatasourceProxy } from "./http/datasource-proxy.ts";
import { addDatasourceRoutes } from "./http/datasource-routes.ts";
import { provision, provisionDashboards } from "./provisioning/provision.ts";
import { DashboardStore } from "./store/dashboards.ts";
import { DatasourceStore } from "./store/datasources.ts";
import { migrations, type Tables } from "./store/schema.ts";

export interface DashboardsOptions {
  readonly clock: Clock;
  /** Resolves service names; the proxy asks data sources through it. */
  readonly transport: HttpTransport;
  readonly eventLog: EventLog;
  readonly log: Log;
  /** Holds dashboards.sqlite; null keeps everything in memory. */
  readonly stateDirectory: string | null;
  /** Holds datasources/ and dashboards/. */
  readonly provisioningDirectory: string;
  /** For $VARIABLES in provisioning files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** First account, when there is none yet. */
  readonly admin: { readonly login: string; readonly password: string };
  readonly version: string;
  readonly webRoot?: string;
  readonly trustedNetwork?: boolean;
  readonly allowedHosts?: readonly string[];
}

export interface DashboardsApp {
  readonly handle: HttpHandler;
  listen(address: string): Promise<ListeningAddress>;
  close(): Promise<void>;
}

/** How often the dashboard files are looked at again. */
const rescanEveryMs = 10_000;

/**
 * Starts the dashboards program.
 * @throws {ProvisioningError} a provisioning file cannot be used
 * @throws {SqliteOpenError | SchemaVersionError} the state file cannot be used
 */
export async function startDashboards(options: DashboardsOptions): Promise<DashboardsApp> {
  const { clock, log, stateDirectory } = options;
  const path = stateDirectory === null ? ":memory:" : join(stateDirectory, "dashboards.sqlite");
  const { db, close: closeDatabase } = await openSqlite<Tables>({ path, migrations });
  const accounts = new Accounts(db, clock);
  const datasources = new DatasourceStore(db);
  const dashboards = new DashboardStore(db, clock);
  try {
    await accounts.ensureAdmin(options.admin.login, options.admin.password);
    const { provisioningDirectory: directory, environment } = options;
    const providers = await provision({ directory, environment, datasources, dashboards, log });
    options.eventLog.append({ kind: "provisioning.read", data: { directory, providerCount: providers.length } });

    const door = openDoor(options, !(await accounts.hasDocumentedPassword()));
    await door.register(cookie);
    requireAccount(door, accounts);
    addAccountRoutes(door, accounts);
    addDashboardRoutes(door, dashboards);
    addDatasourceRoutes(door, datasources, new DatasourceProxy(options.transport));
    addPublicRoutes(door, options.version);
    const stopRescans = repeat(clock, log, () => provisionDashboards(providers, { dashboards, log }));
    return {
      handle: handlerOf(door, clock),
      listen: (address) => listen(door, address),
      close: async () => {
        stopRescans();
        await door.close();
        await closeDatabase();
      },
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

/** @param hasAuthentication everybody has a password of their own, so any address may be listened on */
function openDoor(options: DashboardsOptions, hasAuthentication: boolean): FastifyInstance {
  const door = createDoor({
    listenFlag: "--web.listen-address",
    hasAuthentication,
    guardHint: "log in once on a loopback address and change the password of admin",
    clock: options.clock,
    log: options.log,
    handleError: (error, request, reply) => {
      if (error instanceof RefusedRequest) {
        const hint = error.hint === undefined ? {} : { hint: error.hint };
        return reply.code(error.status).send({ message: error.message, ...error.details, ...hint });
      }
      const status = error.statusCode ?? 500;
      if (status < 500) return reply.code(status).send({ message: error.message });
      options.log.error(`Cannot answer ${request.method} ${request.url}: ${error.stack ?? error.message}`);
      return reply.code(500).send({ message: "Internal server error" });
    },
    ...(options.webRoot !== undefined && { webRoot: options.webRoot }),
    ...(options.trustedNetwork !== undefined && { trustedNetwork: options.trustedNetwork }),
    ...(options.allowedHosts !== undefined && { allowedHosts: options.allowedHosts }),
  });
  // The proxy hands a form on as it came.
  door.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  return door;
}

/** What answers without an account: health, and the pages, which ask the API and lead to the login. */
function addPublicRoutes(door: FastifyInstance, version: string): void {
  door.get("/api/health", () => ({ database: "ok", version, commit: version }));
  door.get("/-/healthy", () => "Dashboards are healthy.\n");
  door.setNotFoundHandler(async (request, reply) => {
    if (request.url.startsWith("/api/")) return reply.code(404).send({ message: "Not found" });
    const isPage = request.method === "GET" && !/\.\w+(?:$|\?)/.test(request.url);
    if (!isPage) return reply.code(404).type("text/plain").send("404 page not found\n");
    return sendPage(reply, { page: "dashboards.html" });
  });
}

/** Does some work again and again; a failure is told and does not end it. */
function repeat(clock: Clock, log: Log, work: () => Promise<void>): () => void {
  let cancel: () => void = () => {};
  let isStopped = false;
  const arm = (): void => {
    cancel = clock.schedule(rescanEveryMs, () => {
      const done = work().catch((error: unknown) => log.warn(`Cannot read the dashboards again: ${String(error)}`));
      void clock.track(done).then(() => !isStopped && arm());
    });
  };
  arm();
  return () => {
    isStopped = true;
    cancel();
  };
}
