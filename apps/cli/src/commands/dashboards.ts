import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { startDashboards } from "@tatou/dashboards";
import { FileEventLog } from "@tatou/event-log";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { repositoryDirectory, webRoot } from "../paths.ts";
import { hostProgram } from "../program-host.ts";
import { createLogger, logOf } from "../program-log.ts";
import { compatibleVersion } from "../version.ts";
import {
  allowedHostsOption,
  listenOption,
  logLevelOption,
  monitoringOption,
  resolveOption,
  statePathOption,
  trustedNetworkOption,
} from "./shared-options.ts";

/** What the files of this checkout ask the environment for; `tatou up` and compose say it themselves. */
const standaloneEnvironment = {
  TATOU_ENGINE_URL: "http://localhost:9090",
  TATOU_DASHBOARDS: `${repositoryDirectory}/monitoring/grafana/dashboards`,
};

const environmentHelp = `
Environment:
  TATOU_ENGINE_URL            the data source (default ${standaloneEnvironment.TATOU_ENGINE_URL})
  TATOU_DASHBOARDS            files (default monitoring/grafana/dashboards)
  GF_SECURITY_ADMIN_USER      name of the first user (default admin)
  GF_SECURITY_ADMIN_PASSWORD  and the password at first (default admin)`;

/** `tatou dashboards`: the program on :3000 alone. */
export function dashboardsCommand() {
  return new Command("dashboards")
    .addOption(listenOption("127.0.0.1:3000"))
    .addOption(trustedNetworkOption())
    .addOption(allowedHostsOption())
    .addOption(statePathOption())
    .addOption(resolveOption())
    .addOption(logLevelOption())
    .addOption(
      monitoringOption("--provisioning.path <directory>", "holds datasources/ and dashboards/", "grafana/provisioning"),
    )
    .addHelpText("after", environmentHelp)
    .action((options) =>
      hostProgram(async () => {
        const clock = createSystemClock();
        const log = logOf(await createLogger(options["log.level"]));
        const transport = new SocketTransport({ clock, resolve: options.resolve });
        const eventLog = await FileEventLog.open({
          directory: join(options["state.path"], "events", "dashboards"),
          clock,
          log,
        });
        const app = await startDashboards({
          clock,
          log,
          transport,
          eventLog,
          stateDirectory: options["state.path"],
          provisioningDirectory: options["provisioning.path"],
          environment: { ...standaloneEnvironment, ...process.env },
          admin: {
            login: process.env["GF_SECURITY_ADMIN_USER"] ?? "admin",
            password: process.env["GF_SECURITY_ADMIN_PASSWORD"] ?? "admin",
          },
          version: compatibleVersion("13.2.3"),
          webRoot,
          trustedNetwork: options["web.trustedNetwork"] ?? false,
          allowedHosts: options["web.allowedHosts"],
        });
        const address = await app.listen(options["web.listenAddress"]);
        log.info(`Dashboards listen on ${address.url}`);
        return {
          close: async () => {
            await app.close();
            await transport.close();
            await eventLog.close();
          },
        };
      }),
    );
}
