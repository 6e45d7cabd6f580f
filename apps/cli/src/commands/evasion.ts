import { writeFileSync } from "node:fs";
import { Command } from "@commander-js/extra-typings";
import { type EvasionResult, evasionCells, evasionResult, evasionScenario, evasionText } from "@tatou/assurance";
import { colors } from "../colors.ts";
import { playCatalogue } from "../drill/catalogue.ts";
import { defaultSource } from "../drill/source-addresses.ts";
import { withPlainRules } from "../evasion/plain-rules-beside.ts";
import { repositoryDirectory } from "../paths.ts";
import { problemText } from "../problem-text.ts";

const exitCannotRun = 2;
/** Any moment will do. Runs differ by where in a scrape and an evaluation the attack begins, at most 25 s. */
const startMs = Date.UTC(2026, 0, 1);

const help = `
Each attack is played in virtual time on a stack of its own: slowly, from 100
addresses, from another for every request, in a burst between two scrapes,
exactly at a threshold. The page says when the rules see it, beside the plain
rate rule that most set-ups have; "never" is a way around them.

Exit codes:
  0  measured
  2  it could not be played, or the command was not understood`;

/** `tatou evasion`: how an attacker would go around the rules. */
export function evasionCommand() {
  return new Command("evasion")
    .description("measure how long each shape of an attack stays unseen by the rules")
    .option(
      "--monitoring-dir <directory>",
      "holds prometheus.yml and alertmanager.yml",
      `${repositoryDirectory}/monitoring`,
    )
    .option("--write <file>", "write the page there instead of printing it")
    .option("--json", "print one JSON array instead of the page")
    .addHelpText("after", help)
    .action(async (options) => {
      try {
        const results = await withPlainRules(options.monitoringDir, measure);
        const text = options.json === true ? `${JSON.stringify(results, null, 2)}\n` : evasionText(results);
        if (options.write === undefined) process.stdout.write(text);
        else writeFileSync(options.write, text);
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = exitCannotRun;
      }
    });
}

async function measure(monitoringDirectory: string): Promise<readonly EvasionResult[]> {
  const scenarios = evasionCells.map(({ technique, shape }) => evasionScenario(technique, shape));
  let doneCount = 0;
  const reports = await playCatalogue(scenarios, {
    ...{ monitoringDirectory, source: defaultSource, startMs, isLive: false, budgets: new Map() },
    onReport: ({ title }) => {
      doneCount++;
      if (process.stderr.isTTY)
        process.stderr.write(`\r\u001b[K${doneCount} of ${scenarios.length}  ${colors.dim(title)}`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  return evasionCells.map(({ technique, shape }, index) => evasionResult(technique, shape, reports[index]!));
}
