import { Argument, Command, Option } from "@commander-js/extra-typings";
import { bruteForceScenario, type DrillReport, type DrillScenario, runDrill } from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { DrillScreen, headerText, predictionText, verdictText } from "../drill/drill-screen.ts";
import { repositoryDirectory } from "../paths.ts";
import { problemText } from "../problem-text.ts";
import { play } from "../virtual/play.ts";
import { openVirtualStack, virtualUrls } from "../virtual/virtual-stack.ts";

const scenarios = { "brute-force": bruteForceScenario } as const;
type ScenarioName = keyof typeof scenarios;
const scenarioNames = Object.keys(scenarios) as ScenarioName[];

const exitMissed = 1;
const exitCannotBegin = 2;
const virtualPollMs = 500;
const realPollMs = 500;
/** Long enough for a few scrapes and evaluations: the drill meets a stack that is up, as in real life. */
const warmUpMs = 30_000;

interface DrillOutcome {
  readonly predicted: DrillReport | null;
  readonly real: DrillReport | null;
}

/** `tatou drill`: attack, and follow the alarm until somebody is told. */
export function drillCommand() {
  return new Command("drill")
    .description("prove an alarm: play the attack in virtual time, then attack for real, and follow every stage")
    .addArgument(new Argument("<scenario>", "the attack").choices(scenarioNames))
    .option("--target <url>", "the platform", "http://localhost:5000")
    .option("--prometheus <url>", "the engine, ours or a Prometheus", "http://localhost:9090")
    .option("--inbox <url>", "where notifications arrive: the alerts program, or tatou inbox", "http://localhost:9093")
    .addOption(
      new Option("--clock <which>", "predict, attack for real, or both")
        .choices(["both", "virtual", "real"])
        .default("both"),
    )
    .option("--source <address>", "the attacker's address, of the loopback range", defaultSource())
    .option(
      "--monitoring-dir <directory>",
      "holds prometheus.yml and alertmanager.yml, for the prediction",
      `${repositoryDirectory}/monitoring`,
    )
    .option("--json", "print one JSON object instead of the screen")
    .action(async (name, options) => {
      const scenario = scenarios[name](options.source);
      const isQuiet = options.json === true;
      try {
        if (!isQuiet) process.stdout.write(introduction(scenario));
        const predicted = options.clock === "real" ? null : await predict(scenario, options.monitoringDir, isQuiet);
        const real = options.clock === "virtual" ? null : await attack(scenario, options, predicted, isQuiet);
        if (isQuiet) process.stdout.write(`${JSON.stringify({ predicted, real }, null, 2)}\n`);
        process.exitCode = hasPassed({ predicted, real }) ? 0 : exitMissed;
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = exitCannotBegin;
      }
    });
}

/** Only Linux answers on all of 127.0.0.0/8 without being told to. */
function defaultSource(): string {
  return process.platform === "linux" ? "127.0.0.9" : "127.0.0.1";
}

function introduction(scenario: DrillScenario): string {
  const note =
    process.platform === "linux" ? "" : "  The attack comes from 127.0.0.1: other loopback addresses need Linux\n";
  return `\n${headerText(scenario)}${note}\n`;
}

async function predict(scenario: DrillScenario, monitoringDirectory: string, isQuiet: boolean): Promise<DrillReport> {
  const startedMs = performance.now();
  const stack = await openVirtualStack({ monitoringDirectory, startMs: Date.now() });
  try {
    await stack.clock.advance(warmUpMs);
    const { clock, transport } = stack;
    const drill = runDrill({ scenario, urls: virtualUrls, clock, transport, pollEveryMs: virtualPollMs });
    const report = await play(clock, drill, virtualPollMs);
    if (!isQuiet) process.stdout.write(`${predictionText(report, performance.now() - startedMs)}\n`);
    return report;
  } finally {
    await stack.close();
  }
}

interface AttackOptions {
  readonly target: string;
  readonly prometheus: string;
  readonly inbox: string;
}

async function attack(
  scenario: DrillScenario,
  { target, prometheus, inbox }: AttackOptions,
  predicted: DrillReport | null,
  isQuiet: boolean,
): Promise<DrillReport> {
  const clock = createSystemClock();
  const transport = new SocketTransport({ clock });
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  const screen = isQuiet ? null : new DrillScreen(process.stdout, predicted?.stages ?? []);
  if (!isQuiet) process.stdout.write("  For real\n");
  try {
    const report = await runDrill({
      scenario,
      urls: { target: trimmed(target), prometheus: trimmed(prometheus), inbox: trimmed(inbox) },
      clock,
      transport,
      pollEveryMs: realPollMs,
      onProgress: (progress) => screen?.update(progress),
      signal: stopping.signal,
    });
    screen?.end();
    if (!isQuiet) process.stdout.write(`${verdictText(report)}\n\n`);
    return report;
  } finally {
    await transport.close();
  }
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

function hasPassed({ predicted, real }: DrillOutcome): boolean {
  return [predicted, real].every((report) => report === null || report.verdict.kind === "pass");
}
