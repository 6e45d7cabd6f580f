/**
 * A stack in real time that belongs to a drill: the programs of `tatou up` on free ports, with a state of their own that
 * goes with them, and receivers that all lead to its inbox. Whatever a drill can break, it may break here.
 */
import { join } from "node:path";
import {
  DrillSetupError,
  type DrillUrls,
  type FaultInjector,
  MetricsDisguise,
  type RmapAccess,
} from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";
import type { Clock } from "@tatou/model";
import { checkHealth } from "../up/health-checks.ts";
import { FaultControl } from "./fault-control.ts";
import { MetricsProxy } from "./metrics-proxy.ts";
import { MonitoringCopy } from "./monitoring-copy.ts";
import { OwnProcess } from "./own-stack-process.ts";
import { ownPrograms } from "./own-stack-programs.ts";
import { makeRmapKeys } from "./rmap-keys.ts";
import { stackFaults } from "./stack-faults.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export interface OwnStackOptions {
  /** Holds prometheus.yml and alertmanager.yml. */
  readonly monitoringDirectory: string;
  /** Leaves the receivers as they are: people are told. Default false. */
  readonly isLive?: boolean;
}

export interface OwnStack {
  readonly urls: DrillUrls & { readonly inbox: string };
  readonly faults: FaultInjector;
  readonly rmap: RmapAccess;
  /** Ends the programs and removes what they wrote. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the stack and waits until it is ready. If this process ends without closing it, it goes all the same.
 * @throws {DrillSetupError} a program refuses to start, and says why
 */
export async function openOwnStack(options: OwnStackOptions): Promise<OwnStack> {
  const parts = new Parts();
  try {
    return { ...(await startParts(options, parts)), close: () => parts.close() };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

const startPatienceMs = 60_000;

/** What has to be ended, in the order in which it began. */
class Parts {
  readonly processes: OwnProcess[] = [];
  readonly directory = new TemporaryDirectory("tatou-own-stack-", () => {
    for (const process of this.processes) process.kill();
  });
  readonly #others: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#others.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#others.toReversed()) await close();
    await Promise.all(this.processes.map((process) => process.stop()));
    this.directory.remove();
  }
}

async function startParts(
  { monitoringDirectory, isLive = false }: OwnStackOptions,
  parts: Parts,
): Promise<Omit<OwnStack, "close">> {
  const clock = createSystemClock();
  const directory = parts.directory.path;
  const stateDirectory = join(directory, "state");
  const files = new MonitoringCopy({ source: monitoringDirectory, directory: join(directory, "monitoring"), isLive });
  const keys = await makeRmapKeys(directory);
  const control = new FaultControl(join(directory, "faults.json"));
  const disguise = new MetricsDisguise();
  const programs = await ownPrograms({
    stateDirectory,
    monitoringDirectory: files.directory,
    environment: { ...keys.environment, TATOU_DRILL_FAULTS: control.path },
    openMetricsProxy: async (targetUrl) => {
      const proxy = await MetricsProxy.open({ targetUrl, disguise });
      parts.add(() => proxy.close());
      return proxy;
    },
  });
  const [server, alerts, engine] = [programs.server, programs.alerts, programs.engine].map((program) => {
    const own = new OwnProcess(program, clock);
    parts.processes.push(own);
    return own;
  }) as [OwnProcess, OwnProcess, OwnProcess];
  await readiness([server, alerts, engine], clock);
  watchHealth(programs.server.url, clock, parts);
  const transport = new SocketTransport({ clock });
  parts.add(() => transport.close());
  const faults = stackFaults({
    files,
    metrics: disguise,
    storageDirectory: join(stateDirectory, "storage"),
    reload: async () => {
      await transport.send({ method: "POST", url: `${programs.engine.url}/-/reload` });
    },
    beginServerFault: (fault) => control.begin(fault),
    stopServer: () => server.freeze(),
    restartServer: () => server.restart(),
  });
  const [target, prometheus, alertmanager] = [programs.server.url, programs.engine.url, programs.alerts.url];
  return { urls: { target, prometheus, alertmanager, inbox: alertmanager }, faults, rmap: keys.access };
}

/** @throws {DrillSetupError} with what those said that refuse to start */
async function readiness(processes: readonly OwnProcess[], clock: Clock): Promise<void> {
  const tooLate = new Promise<readonly string[]>((resolve) => {
    clock.schedule(startPatienceMs, () => resolve([`it takes longer than ${startPatienceMs / 1000} s`]));
  });
  const answers = Promise.all(processes.map((process) => process.ready()));
  const refusals = (await Promise.race([answers, tooLate])).filter((text) => text !== null);
  if (refusals.length === 0) return;
  throw new DrillSetupError(`Cannot start a stack of its own: ${refusals.join("; ")}`, "Correct what it says");
}

function watchHealth(serverUrl: string, clock: Clock, parts: Parts): void {
  const stopping = new AbortController();
  const checking = checkHealth(serverUrl, { clock, signal: stopping.signal });
  parts.add(async () => {
    stopping.abort();
    await checking;
  });
}
