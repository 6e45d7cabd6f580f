import { fileURLToPath } from "node:url";
import { checkReportPath } from "./check-report-path.ts";

/** One of the programs that `tatou up` keeps running. */
export interface Program {
  readonly name: "server" | "alerts" | "engine" | "dashboards";
  /** What it is to people who know the originals. */
  readonly title: string;
  /** What Node runs. */
  readonly script: string;
  /** Behind the script. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Of Node itself, given at the start because some cannot be set later. */
  readonly nodeFlags: readonly string[];
  readonly url: string;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface UpSettings {
  readonly server: ListenAddress;
  readonly engine: ListenAddress;
  readonly alerts: ListenAddress;
  readonly dashboards: ListenAddress;
  /** Holds data/, state/ and storage/. */
  readonly stateDirectory: string;
  /** Holds prometheus.yml, alertmanager.yml and grafana/. */
  readonly monitoringDirectory: string;
  /** Whether engine, alerts and dashboards may listen on other than loopback addresses. */
  readonly trustedNetwork: boolean;
  /** Further host names they may be called by. */
  readonly allowedHosts: readonly string[];
}

const script = fileURLToPath(new URL("../../bin/tatou.mjs", import.meta.url));

/** Small young generations: the programs make little garbage, and what V8 does not reserve the machine keeps. */
const smallHeap = ["--max-semi-space-size=2", "--max-old-space-size=512"];

/** The four programs, wired to each other the way the files name them. */
export function programsOf(settings: UpSettings): readonly Program[] {
  return [serverProgram(settings), alertsProgram(settings), engineProgram(settings), dashboardsProgram(settings)];
}

function serverProgram({ server, stateDirectory }: UpSettings): Program {
  const storage = process.env["STORAGE_DIR"] ?? `${stateDirectory}/storage`;
  return {
    name: "server",
    title: "Tatou",
    script,
    // Unless keys are set, RMAP has some to be tried with from the first start.
    args: ["server", `--rmap.demo-dir=${storage}/rmap-demo`],
    environment: {
      HOST: server.host,
      PORT: String(server.port),
      STORAGE_DIR: storage,
      // Made at the first start: tokens outlive a restart of the platform.
      SECRET_KEY_FILE: process.env["SECRET_KEY_FILE"] ?? `${storage}/secret.key`,
    },
    nodeFlags: smallHeap,
    url: urlOf(server),
  };
}

function alertsProgram(settings: UpSettings): Program {
  const args = [
    "alerts",
    `--config.file=${settings.monitoringDirectory}/alertmanager.yml`,
    `--web.listen-address=${hostAndPort(settings.alerts)}`,
    `--web.external-url=${urlOf(settings.alerts)}`,
    `--watch.engine-url=${urlOf(settings.engine)}`,
    ...sharedArgs(settings),
  ];
  return {
    name: "alerts",
    title: "alerts, like Alertmanager",
    script,
    args,
    environment: {},
    nodeFlags: smallHeap,
    url: urlOf(settings.alerts),
  };
}

function engineProgram(settings: UpSettings): Program {
  const args = [
    "engine",
    `--config.file=${settings.monitoringDirectory}/prometheus.yml`,
    `--web.listen-address=${hostAndPort(settings.engine)}`,
    `--web.external-url=${urlOf(settings.engine)}`,
    `--storage.tsdb.path=${settings.stateDirectory}/data`,
    "--web.enable-lifecycle",
    // Every evaluation says again what fires, so that a lost engine is noticed within half a minute.
    "--rules.alert.resend-delay=10s",
    // A short `for` goes on where it stood when the engine was killed, instead of beginning anew.
    "--rules.alert.for-grace-period=0s",
    `--check.report=${checkReportPath(settings.stateDirectory)}`,
    ...sharedArgs(settings),
  ];
  const nodeFlags = ["--max-semi-space-size=2"];
  return {
    name: "engine",
    title: "engine, like Prometheus",
    script,
    args,
    environment: {},
    nodeFlags,
    url: urlOf(settings.engine),
  };
}

function dashboardsProgram(settings: UpSettings): Program {
  const { monitoringDirectory } = settings;
  const args = [
    "dashboards",
    `--provisioning.path=${monitoringDirectory}/grafana/provisioning`,
    `--web.listen-address=${hostAndPort(settings.dashboards)}`,
    ...sharedArgs(settings),
  ];
  const environment = {
    TATOU_ENGINE_URL: process.env["TATOU_ENGINE_URL"] ?? "http://prometheus:9090",
    TATOU_DASHBOARDS: process.env["TATOU_DASHBOARDS"] ?? `${monitoringDirectory}/grafana/dashboards`,
  };
  const url = urlOf(settings.dashboards);
  const title = "dashboards, like Grafana";
  return { name: "dashboards", title, script, args, environment, nodeFlags: smallHeap, url };
}

/** The names of the compose file, led to the doors that `tatou up` opens. */
function sharedArgs(settings: UpSettings): readonly string[] {
  const doors = [
    ["server:5000", settings.server],
    ["prometheus:9090", settings.engine],
    ["alertmanager:9093", settings.alerts],
    ["inbox:9094", settings.alerts],
    ["grafana:3000", settings.dashboards],
  ] as const;
  const resolve = doors.map(([name, address]) => `--resolve=${name}=${hostAndPort(reachable(address))}`);
  const guard = settings.trustedNetwork ? ["--web.trusted-network"] : [];
  const hosts = settings.allowedHosts.length === 0 ? [] : [`--web.allowed-hosts=${settings.allowedHosts.join(",")}`];
  return [`--state.path=${settings.stateDirectory}/state`, ...guard, ...hosts, ...resolve];
}

export function hostAndPort({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Where a door that listens everywhere is found from this machine. */
function reachable({ host, port }: ListenAddress): ListenAddress {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return host === "::" ? { host: "::1", port } : { host, port };
}

/** The address as a person types it: loopback is localhost. */
function urlOf(address: ListenAddress): string {
  const { host, port } = reachable(address);
  return `http://${hostAndPort({ host: host === "127.0.0.1" || host === "::1" ? "localhost" : host, port })}`;
}
