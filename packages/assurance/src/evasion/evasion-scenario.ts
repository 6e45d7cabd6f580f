import type { DrillReport } from "../drill/drill-report.ts";
import type { DrillScenario } from "../drill/scenario.ts";
import { loadDrillFile } from "../drill/scenario-file.ts";
import { type AttackShape, attackShapes } from "./attack-shape.ts";
import { type AttackTechnique, attackTechniques } from "./attack-technique.ts";
import { plainAlertName } from "./plain-rules.ts";

/** What became of one technique in one shape. */
export interface EvasionResult {
  readonly technique: AttackTechnique;
  readonly shape: AttackShape;
  readonly requestCount: number;
  /** From the first request until the plain rule fired; null when it never did. */
  readonly plainMs: number | null;
  /** The pack's alerts that fired, the first of them first. */
  readonly alerts: readonly { readonly alert: string; readonly afterMs: number }[];
}

/** Every technique in every shape, row by row of the page. */
export const evasionCells = attackTechniques.flatMap((technique) =>
  attackShapes.map((shape) => ({ technique, shape })),
);

/** An attack in the clothes of a benign day: whatever fires is noise to it, and noise is noted with its time. */
export function evasionScenario(technique: AttackTechnique, shape: AttackShape): DrillScenario {
  const scenario = {
    drill: "EVASION",
    name: `${technique.id}-${shape.id}`,
    title: `${technique.title}: ${shape.title}`,
    kind: "benign",
    history: "60s",
    steps: [{ request: technique.request, ...shape.pace(technique) }],
    quiet: "all",
    settle: shape.settle,
  };
  return loadDrillFile(JSON.stringify(scenario), `evasion/${scenario.name}.yml`);
}

/** @throws {Error} the attack could not be played */
export function evasionResult(technique: AttackTechnique, shape: AttackShape, report: DrillReport): EvasionResult {
  const { verdict, noise, requestCount } = report;
  if (verdict.kind === "cannot_run") throw new Error(`Cannot play ${report.name}: ${verdict.reason}`);
  const firstMs = new Map<string, number>();
  for (const { alert, afterMs } of noise) firstMs.set(alert, Math.min(afterMs, firstMs.get(alert) ?? Infinity));
  const plainName = plainAlertName(technique);
  const alerts = [...firstMs]
    .filter(([alert]) => !isPlain(alert))
    .map(([alert, afterMs]) => ({ alert, afterMs }))
    .toSorted((left, right) => left.afterMs - right.afterMs);
  return { technique, shape, requestCount, plainMs: firstMs.get(plainName) ?? null, alerts };
}

/** Those of other techniques stand beside the pack, too. */
function isPlain(alert: string): boolean {
  return attackTechniques.some((technique) => plainAlertName(technique) === alert);
}
