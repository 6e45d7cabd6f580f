import { Command } from "@commander-js/extra-typings";
import { startInbox } from "@tatou/alerts";
import { createSystemClock } from "@tatou/http";
import { webRoot } from "../paths.ts";
import { hostProgram } from "../program-host.ts";
import { createLogger, logOf } from "../program-log.ts";
import { allowedHostsOption, listenOption, logLevelOption, trustedNetworkOption } from "./shared-options.ts";

/** `tatou inbox`: a webhook receiver with a page, for an Alertmanager elsewhere. */
export function inboxCommand() {
  return new Command("inbox")
    .addOption(listenOption("127.0.0.1:9094"))
    .addOption(trustedNetworkOption())
    .addOption(allowedHostsOption())
    .addOption(logLevelOption())
    .action((options) =>
      hostProgram(async () => {
        const log = logOf(await createLogger(options["log.level"]));
        const app = startInbox({
          clock: createSystemClock(),
          log,
          web: { root: webRoot },
          door: { trustedNetwork: options["web.trustedNetwork"] ?? false, allowedHosts: options["web.allowedHosts"] },
        });
        const address = await app.listen(options["web.listenAddress"]);
        log.info(`The inbox listens on ${address.url}`);
        return { close: () => app.close() };
      }),
    );
}
