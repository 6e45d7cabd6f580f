import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { startAlerts } from "@tatou/alerts";
import { FileEventLog } from "@tatou/event-log";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { webRoot } from "../paths.ts";
import { hostProgram } from "../program-host.ts";
import { createLogger, logOf } from "../program-log.ts";
import { compatibleVersion } from "../version.ts";
import {
  allowedHostsOption,
  durationMs,
  externalUrlOption,
  listenOption,
  logLevelOption,
  monitoringOption,
  resolveOption,
  statePathOption,
  trustedNetworkOption,
} from "./shared-options.ts";

/** `tatou alerts`: the program on :9093 alone. */
export function alertsCommand() {
  return new Command("alerts")
    .addOption(monitoringOption("--config.file <path>", "whom to tell what", "alertmanager.yml"))
    .addOption(listenOption("127.0.0.1:9093"))
    .addOption(externalUrlOption())
    .addOption(trustedNetworkOption())
    .addOption(allowedHostsOption())
    .addOption(statePathOption())
    .addOption(resolveOption())
    .addOption(logLevelOption())
    .option("--watch.engine-url <url>", "the engine whose health and Watchdog are watched")
    .option("--watch.silent-after <duration>", "how long the Watchdog may stay away", durationMs, 30_000)
    .option("--heartbeat.url <url>", "asked every 30 s while this program does its work")
    .action((options) =>
      hostProgram(async () => {
        const clock = createSystemClock();
        const log = logOf(await createLogger(options["log.level"]));
        const { resolve } = options;
        const transport = new SocketTransport({ clock, resolve });
        const statePath = options["state.path"];
        const eventLog = await FileEventLog.open({ directory: join(statePath, "events", "alerts"), clock, log });
        const listenAddress = options["web.listenAddress"];
        const engineUrl = options["watch.engineUrl"];
        const heartbeatUrl = options["heartbeat.url"];
        const app = await startAlerts({
          configFile: options["config.file"],
          clock,
          log,
          transport,
          resolve,
          eventLog,
          stateDirectory: statePath,
          externalUrl: options["web.externalUrl"] ?? `http://${listenAddress}`,
          web: { root: webRoot },
          watch: { silentAfterMs: options["watch.silentAfter"], ...(engineUrl !== undefined && { engineUrl }) },
          ...(heartbeatUrl !== undefined && { heartbeatUrl }),
          door: { trustedNetwork: options["web.trustedNetwork"] ?? false, allowedHosts: options["web.allowedHosts"] },
          version: compatibleVersion("0.34.0"),
        });
        const address = await app.listen(listenAddress);
        log.info(`Alerts listen on ${address.url}`);
        return {
          reload: () => app.reload(),
          close: async () => {
            await app.close();
            await transport.close();
            await eventLog.close();
          },
        };
      }),
    );
}
