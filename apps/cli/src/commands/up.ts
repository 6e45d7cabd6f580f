import { resolve } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { repositoryDirectory } from "../paths.ts";
import { runUp } from "../up/run-up.ts";
import { allowedHostsOption, parseHostAndPort, trustedNetworkOption } from "./shared-options.ts";

/** `tatou up`: the whole stack. */
export function upCommand() {
  return new Command("up")
    .addOption(listenOption("--server.listen <host:port>", "where the platform listens", 5000))
    .addOption(listenOption("--engine.listen <host:port>", "where the engine listens", 9090))
    .addOption(listenOption("--alerts.listen <host:port>", "where the alerts listen", 9093))
    .addOption(listenOption("--dashboards.listen <host:port>", "where the dashboards listen", 3000))
    .addOption(
      new Option("--state-dir <directory>", "holds data/, state/ and storage/").default(
        repositoryDirectory,
        "the checkout",
      ),
    )
    .addOption(
      new Option("--monitoring-dir <directory>", "holds prometheus.yml, alertmanager.yml and grafana/").default(
        `${repositoryDirectory}/monitoring`,
        "monitoring/ of the checkout",
      ),
    )
    .addOption(trustedNetworkOption())
    .addOption(allowedHostsOption())
    .action(async (options) => {
      process.exitCode = await runUp({
        server: options["server.listen"],
        engine: options["engine.listen"],
        alerts: options["alerts.listen"],
        dashboards: options["dashboards.listen"],
        stateDirectory: resolve(options.stateDir),
        monitoringDirectory: resolve(options.monitoringDir),
        trustedNetwork: options["web.trustedNetwork"] ?? false,
        allowedHosts: options["web.allowedHosts"],
      });
    });
}

function listenOption<const Flags extends string>(flags: Flags, description: string, port: number) {
  return new Option(flags, description)
    .argParser(parseHostAndPort)
    .default({ host: "127.0.0.1", port }, `127.0.0.1:${port}`);
}
