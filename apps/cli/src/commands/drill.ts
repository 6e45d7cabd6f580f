import { isIP } from "node:net";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { defaultAddresses } from "@tatou/assurance";
import { drillExitCodes } from "../drill/drill-run.ts";
import { runDrills } from "../drill/run-drills.ts";
import { defaultSource } from "../drill/source-addresses.ts";
import { repositoryDirectory } from "../paths.ts";
import { problemText } from "../problem-text.ts";
import { durationMs, statePathOption, trustedNetworkOption } from "./shared-options.ts";

const help = `
Each drill attacks, breaks something, or is a busy day, and follows what the
monitoring makes of it: request, counter moved, scraped, expression true,
pending, firing, routed, delivered. Drills are files: monitoring/drills/*.yml.

In virtual time the whole stack runs in this process, from the files of
--monitoring-dir, and minutes take a second. For real, a running stack is
attacked from addresses of the loopback range; what has to be broken is broken
with --own-stack alone.

  ./tatou drill brute-force
  ./tatou drill --all
  ./tatou drill D3 --clock real --prometheus http://localhost:9090

A target that is not on this machine has to be listed in targets.yml beside
the drills. For real, nothing begins that would send messages to people
outside, unless --live allows it.

With --schedule 24h the command stays, repeats the drills, and shows their age
at http://127.0.0.1:9095/metrics; what is remembered lies in --state.path.

Exit codes:
  0  all drills passed
  1  a drill ended with another verdict
  2  nothing could begin, the command was not understood, or a drill cannot run
     here while all others passed`;

/** `tatou drill`: attack, and follow the alarm until somebody is told. */
export function drillCommand() {
  return new Command("drill")
    .description("prove an alarm: attack, in virtual time or for real, and follow every stage")
    .argument("[drills...]", "ids or names, such as D1 or brute-force")
    .option("--all", "every drill of the directory")
    .option("--list", "say which drills there are")
    .addOption(
      new Option(
        "--clock <which>",
        "predict in virtual time, attack for real, or both; by default both for one drill, virtual for several",
      ).choices(["virtual", "real", "both"]),
    )
    .option("--target <url>", `the platform (default: "${defaultAddresses.target}")`)
    .option("--prometheus <url>", `the engine, ours or a Prometheus (default: "${defaultAddresses.prometheus}")`)
    .option("--alertmanager <url>", `the alerts, ours or an Alertmanager (default: "${defaultAddresses.alertmanager}")`)
    .option("--inbox <url>", "where messages arrive: the alerts program (the default, where it answers) or tatou inbox")
    .option("--receiver <name>", "who has to be told, instead of those that the drills name")
    .option(
      "--source <address>",
      "the attackers' first address; for a target elsewhere, under which it sees this machine",
      sourceAddress,
      defaultSource,
    )
    .option("--own-stack", "attack a stack that is started for it, on free ports: there, things can be broken")
    .option(
      "--rmap-keys <directory>",
      "keys that `tatou server init` made, with those of clients: RMAP drills need them",
    )
    .option("--live", "let the messages go to the real receivers")
    .option(
      "--monitoring-dir <directory>",
      "holds prometheus.yml and alertmanager.yml, for virtual time, and proof/alerts.yml",
      `${repositoryDirectory}/monitoring`,
    )
    .option("--drills <directory>", "holds the drill files (default: drills in --monitoring-dir)")
    .option("--json", "print one JSON object instead of the screen")
    .option("--junit <file>", "write JUnit XML, too")
    .option("--html <file>", "write a page with time lines, too")
    .option("--schedule <duration>", "repeat all of it, and show as metrics how it went; 1m or more", scheduleMs)
    .option("--listen <host:port>", "where a schedule shows its metrics", "127.0.0.1:9095")
    .addOption(trustedNetworkOption())
    .addOption(statePathOption())
    .addHelpText("after", help)
    .action(async (names, options) => {
      try {
        process.exitCode = await runDrills(names, options);
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = drillExitCodes.cannotBegin;
      }
    });
}

const scheduleMinMs = 60_000;

function scheduleMs(text: string): number {
  const intervalMs = durationMs(text);
  if (intervalMs >= scheduleMinMs) return intervalMs;
  throw new InvalidArgumentError("Expected 1m or more.");
}

function sourceAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError("Expected an IP address, as in 127.0.0.9.");
}
