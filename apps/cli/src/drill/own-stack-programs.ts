import { createServer } from "node:net";
import { join } from "node:path";
import { type ListenAddress, type Program, programsOf } from "../up/program.ts";

export interface OwnPrograms {
  readonly server: Program;
  readonly alerts: Program;
  readonly engine: Program;
}

export interface OwnProgramsOptions {
  /** Where all that they write goes. */
  readonly stateDirectory: string;
  readonly monitoringDirectory: string;
  /** Of the platform: keys, and the file that breaks it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the engine finds the platform's metrics; the platform's own address is only known here. */
  readonly openMetricsProxy: (targetUrl: string) => Promise<{ readonly port: number }>;
}

const host = "127.0.0.1";
/**
 * What a platform may be told by an `.env` file, and what a throw-away one must not take from there: places, secrets, and
 * that it is in production, where it would refuse to be broken.
 */
const ownSettings = [
  ...["NODE_ENV", "SECRET_KEY", "SECRET_KEY_FILE", "SQLITE_PATH", "TRUSTED_PROXIES", "METRICS_TOKEN", "METRICS_ALLOW"],
  ...["RMAP_DOCUMENT_ID", "RMAP_WATERMARK_KEY", "RMAP_SERVER_PASSPHRASE", "RMAP_SERVER_PASSPHRASE_FILE"],
];

/** The programs of `tatou up` without the dashboards, on free ports and with a state of their own. */
export async function ownPrograms(options: OwnProgramsOptions): Promise<OwnPrograms> {
  const { stateDirectory, monitoringDirectory } = options;
  const [server, engine, alerts, dashboards] = await freeAddresses(4);
  const settings = { server: server!, engine: engine!, alerts: alerts!, dashboards: dashboards! };
  const { trustedNetwork, allowedHosts } = { trustedNetwork: false, allowedHosts: [] };
  const programs = programsOf({ ...settings, stateDirectory, monitoringDirectory, trustedNetwork, allowedHosts });
  const named = (name: Program["name"]): Program => programs.find((program) => program.name === name)!;
  const proxy = await options.openMetricsProxy(urlOf(settings.server));
  return {
    server: ownServer(named("server"), options, urlOf(settings.server)),
    alerts: { ...named("alerts"), url: urlOf(settings.alerts) },
    engine: { ...throughProxy(named("engine"), settings.server, proxy.port), url: urlOf(settings.engine) },
  };
}

function ownServer(program: Program, { stateDirectory, environment }: OwnProgramsOptions, url: string): Program {
  const empty = Object.fromEntries(ownSettings.map((name) => [name, ""]));
  const own = { ...empty, ...program.environment, ...environment, STORAGE_DIR: join(stateDirectory, "storage") };
  return { ...program, args: ["server"], environment: own, url };
}

/** The name of the platform leads the engine to the proxy; its label stays what it is. */
function throughProxy(program: Program, server: ListenAddress, port: number): Program {
  const direct = `=${server.host}:${server.port}`;
  const args = program.args.map((arg) =>
    arg.startsWith("--resolve=") && arg.endsWith(direct) ? arg.replace(direct, `=${host}:${port}`) : arg,
  );
  return { ...program, args };
}

/** Drills bind loopback addresses of IPv4, so the name `localhost` will not do. */
function urlOf({ port }: ListenAddress): string {
  return `http://${host}:${port}`;
}

/** All held at once, so that no two are the same. */
async function freeAddresses(count: number): Promise<readonly ListenAddress[]> {
  const probes = Array.from({ length: count }, () => createServer());
  await Promise.all(probes.map((probe) => new Promise<void>((resolve) => probe.listen({ host, port: 0 }, resolve))));
  const addresses = probes.map((probe) => {
    const address = probe.address();
    return { host, port: typeof address === "object" && address !== null ? address.port : 0 };
  });
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return addresses;
}
