import { join } from "node:path";
import { openEngine } from "@tatou/engine";
import { FileEventLog } from "@tatou/event-log";
import { createSteadyClock, nodeYieldTurn, SocketTransport } from "@tatou/http";
import { compactionWorkerUrl } from "@tatou/tsdb";
import { webRoot } from "../paths.ts";
import { hostProgram, type RunningProgram } from "../program-host.ts";
import { createLogger, logOf } from "../program-log.ts";
import { compatibleVersion } from "../version.ts";
import { engineFeatureOption, engineFeaturesOf } from "./engine-features.ts";
import { flagTexts } from "./flag-texts.ts";
import { ReplayProgress } from "./replay-progress.ts";
import {
  allowedHostsOption,
  durationMs,
  externalUrlOption,
  listenOption,
  logLevelOption,
  monitoringOption,
  positiveInteger,
  resolveOption,
  statePathOption,
  trustedNetworkOption,
} from "./shared-options.ts";
import { storageFlagsOf, withStorageOptions } from "./storage-options.ts";

/** `tatou engine`: the program on :9090 alone. */
export function engineCommand() {
  const command = commandWithOptions();
  return command.action((options) => hostProgram(() => runEngine(options, flagTexts(command.options, options))));
}

type EngineFlags = ReturnType<ReturnType<typeof commandWithOptions>["opts"]>;

function commandWithOptions() {
  return withStorageOptions("engine")
    .addOption(monitoringOption("--config.file <path>", "what to scrape and evaluate", "prometheus.yml"))
    .addOption(listenOption("127.0.0.1:9090"))
    .addOption(externalUrlOption())
    .addOption(trustedNetworkOption())
    .addOption(allowedHostsOption())
    .option("--web.enable-lifecycle", "POST /-/reload reads the configuration again")
    .option("--web.enable-admin-api", "POST /api/v1/admin/tsdb/... deletes series and makes snapshots")
    .option("--query.lookback-delta <duration>", "how far back an instant selector looks", durationMs, 300_000)
    .option("--query.timeout <duration>", "the longest a query may take", durationMs, 120_000)
    .option("--query.max-concurrency <count>", "queries evaluated at once", positiveInteger, 20)
    .option("--query.max-samples <count>", "samples one query may hold", positiveInteger, 50_000_000)
    .option("--rules.alert.resend-delay <duration>", "least time between two sendings of an alert", durationMs, 60_000)
    .option(
      "--rules.alert.for-outage-tolerance <duration>",
      "longest outage over which `for` is kept",
      durationMs,
      3_600_000,
    )
    .option("--rules.alert.for-grace-period <duration>", "least `for` that is kept over an outage", durationMs, 600_000)
    .option("--check.report <path>", "what the page /check shows: the file of `tatou check --report`")
    .option(...engineFeatureOption)
    .addOption(statePathOption())
    .addOption(resolveOption())
    .addOption(logLevelOption());
}

async function runEngine(options: EngineFlags, flags: Record<string, string>): Promise<RunningProgram> {
  const clock = createSteadyClock();
  const log = logOf(await createLogger(options["log.level"]));
  const eventLog = await FileEventLog.open({ directory: join(options["state.path"], "events", "engine"), clock, log });
  const listenAddress = options["web.listenAddress"];
  const features = engineFeaturesOf(options.enableFeature);
  for (const name of features.withoutEffect) log.info(`The feature ${name} is accepted, and has no effect here`);
  const replay = new ReplayProgress(clock, log);
  const engine = openEngine({
    clock,
    log,
    eventLog,
    configFile: options["config.file"],
    dataDirectory: options["storage.tsdb.path"],
    openTransport: (httpConfig) => new SocketTransport({ clock, httpConfig, resolve: options.resolve }),
    environment: definedOnly(process.env),
    externalUrl: (options["web.externalUrl"] ?? `http://${listenAddress}`).replace(/\/$/, ""),
    version: compatibleVersion("3.14.0"),
    flags,
    features: features.promql,
    compactionWorkerUrl,
    storage: storageFlagsOf(options, features.storage),
    query: {
      lookbackDeltaMs: options["query.lookbackDelta"],
      timeoutMs: options["query.timeout"],
      samplesMax: options["query.maxSamples"],
      concurrencyMax: options["query.maxConcurrency"],
    },
    rules: {
      resendDelayMs: options["rules.alert.resendDelay"],
      outageToleranceMs: options["rules.alert.forOutageTolerance"],
      forGracePeriodMs: options["rules.alert.forGracePeriod"],
    },
    ...(options["check.report"] !== undefined && { checkReportFile: options["check.report"] }),
    isLifecycleEnabled: options["web.enableLifecycle"] ?? false,
    isAdminApiEnabled: options["web.enableAdminApi"] ?? false,
    onReplayProgress: (status) => replay.show(status),
    yieldTurn: nodeYieldTurn,
    webRoot,
    trustedNetwork: options["web.trustedNetwork"] ?? false,
    allowedHosts: options["web.allowedHosts"],
  });
  try {
    const address = await engine.listen(listenAddress);
    log.info(`The engine listens on ${address.url}`);
    await engine.start();
  } catch (error) {
    await engine.close();
    throw error;
  } finally {
    replay.end();
  }
  return {
    reload: () => engine.reload(),
    close: async () => {
      await engine.close();
      await eventLog.close();
    },
  };
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
