import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { playCatalogue } from "./catalogue.ts";
import type { DrillSetting } from "./drill-setting.ts";
import { predictionText } from "./drill-texts.ts";
import { playVirtually } from "./play-virtual.ts";
import { ProgressLines } from "./progress-lines.ts";

/** Plays drills in virtual time: one with its whole time line, several with a line each. */
export async function predictAll(
  scenarios: readonly DrillScenario[],
  { options, budgets, screen, signal }: DrillSetting,
): Promise<readonly DrillReport[]> {
  const clock = createSystemClock();
  const playing = {
    monitoringDirectory: options.monitoringDir,
    budgets,
    source: options.source,
    startMs: clock.nowMs(),
    isLive: options.live === true,
  };
  if (scenarios.length === 1) {
    const startedMs = clock.monotonicMs();
    const report = await playVirtually(scenarios[0]!, playing, signal);
    screen?.write(`${predictionText(report, clock.monotonicMs() - startedMs)}\n`);
    return [report];
  }
  const lines = new ProgressLines(screen, scenarios.length);
  try {
    return await playCatalogue(scenarios, {
      ...playing,
      signal,
      onBegin: (scenario) => lines.began(scenario),
      onReport: (report) => lines.ended(report),
    });
  } finally {
    lines.end();
  }
}
