import {
  ConfigSource,
  type Decode,
  type Fields,
  listOf,
  mapOf,
  openDocument,
  positionOf,
  readFields,
} from "@tatou/config";
import type { Diagnostic } from "@tatou/model";
import { DrillFileError } from "../errors.ts";
import type { DrillScenario, Expectation } from "./scenario.ts";
import { stepList } from "./scenario-file-steps.ts";
import { duration, filledText, required, templateText, textLike } from "./scenario-file-values.ts";

const fileLengthMax = 64 * 1024;
const expectationCountMax = 50;
const historyDefaultMs = 30_000;
const benignSettleDefaultMs = 120_000;

const drillId = textLike(/^[A-Z][A-Za-z0-9+]{0,19}$/, "an id such as D1 or D7+D12");
const drillName = textLike(/^[a-z][a-z0-9-]{0,49}$/, "a name of small letters, digits and dashes");
const alertName = textLike(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of an alert");
const techniqueId = textLike(/^T\d{4}(\.\d{3})?$/, "a technique of ATT&CK such as T1110.001");

/**
 * Reads a drill file; its format is told in docs/drills.md.
 * @throws {DrillFileError} with every problem and its place
 */
export function loadDrillFile(text: string, file: string): DrillScenario {
  const source = new ConfigSource(file, text.length > fileLengthMax ? "" : text);
  if (text.length > fileLengthMax) {
    source.fault(0, `Cannot load ${file}: found ${text.length} characters, expected at most ${fileLengthMax}`);
    throw new DrillFileError(source.diagnostics);
  }
  const at = openDocument(source, text);
  const scenario = at === null ? undefined : readFields(at, readScenario);
  if (scenario === undefined || source.diagnostics.length > 0) throw new DrillFileError(inOrder(source.diagnostics));
  return scenario;
}

/**
 * Reads several drill files; no two may have the same id or the same name.
 * @throws {DrillFileError} with every problem of every file
 */
export function loadDrillFiles(
  files: readonly { readonly path: string; readonly text: string }[],
): readonly DrillScenario[] {
  const scenarios: DrillScenario[] = [];
  const problems: Diagnostic[] = [];
  for (const { path, text } of files) {
    try {
      const scenario = loadDrillFile(text, path);
      problems.push(...clashes(scenario, scenarios));
      scenarios.push(scenario);
    } catch (error) {
      if (!(error instanceof DrillFileError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0) throw new DrillFileError(problems);
  return scenarios;
}

function clashes(scenario: DrillScenario, earlier: readonly DrillScenario[]): readonly Diagnostic[] {
  return earlier.flatMap((other) => {
    const same = other.id === scenario.id ? scenario.id : other.name === scenario.name ? scenario.name : null;
    if (same === null) return [];
    const message = `Cannot load ${scenario.position.file}: found the drill "${same}", which ${other.position.file} has already`;
    return [{ code: "drill_file", message, position: scenario.position, hint: "Give one of them another id and name" }];
  });
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const lineOf = ({ position }: Diagnostic): number => position?.line ?? 0;
  return diagnostics.toSorted((left, right) => lineOf(left) - lineOf(right));
}

function readScenario(fields: Fields): DrillScenario {
  const kind = fields.get("kind", kindOfDrill) ?? "attack";
  const scenario = {
    id: required(fields, "drill", drillId) ?? "",
    name: required(fields, "name", drillName) ?? "",
    title: required(fields, "title", filledText) ?? "",
    kind,
    technique: fields.get("technique", techniqueId) ?? null,
    historyMs: fields.get("history", duration({ minMs: 0 })) ?? historyDefaultMs,
    prepare: fields.get("prepare", stepList()) ?? [],
    steps: required(fields, "steps", stepList()) ?? [],
    expect: fields.get("expect", listOf(expectation)) ?? [],
    quiet: fields.get("quiet", quiet) ?? [],
    settleMs: fields.get("settle", duration({ minMs: 0 })) ?? (kind === "benign" ? benignSettleDefaultMs : 0),
    position: positionOf(fields.at),
  };
  judge(fields, scenario);
  return scenario;
}

/** What no key can tell by itself: whether the drill proves anything. */
function judge(fields: Fields, { kind, technique, steps, expect, quiet: silent }: DrillScenario): void {
  const hasList = (key: string): boolean => fields.value(key)?.node.kind === "list";
  if (hasList("steps") && steps.length === 0) fields.fault("found no steps, expected at least one", "steps");
  if (expect.length > expectationCountMax) fields.fault(`expected ${expectationCountMax} alerts at most`, "expect");
  if (kind === "attack" && !fields.has("expect"))
    fields.fault("found an attack without expect, expected alerts that it raises");
  if (kind === "attack" && hasList("expect") && expect.length === 0)
    fields.fault("found no alerts, expected some", "expect");
  if (kind === "benign" && fields.has("expect")) fields.fault("found alerts of a benign day, expected none", "expect");
  if (kind === "benign" && technique !== null)
    fields.fault("found a technique of a benign day, expected none", "technique");
  if (kind === "benign" && silent.length === 0)
    fields.fault("found a benign day without quiet, expected alerts or all");
  for (const { alert, position } of expect) {
    if (silent === "all" || !silent.includes(alert)) continue;
    fields.at.source.faultAt(position, `Cannot load expect: ${alert} is also under quiet, expected one of both`);
  }
}

const kindOfDrill: Decode<DrillScenario["kind"]> = (at) => {
  const written = textLike(/^(attack|benign)$/, "attack or benign")(at);
  return written as DrillScenario["kind"] | undefined;
};

const expectation: Decode<Expectation> = (at) =>
  readFields(at, (fields) => ({
    alert: required(fields, "alert", alertName) ?? "",
    labels: fields.get("labels", mapOf(templateText(["source"]))) ?? {},
    withinMs: fields.get("within", duration({ minMs: 1 })) ?? null,
    receiver: fields.get("receiver", filledText) ?? null,
    position: positionOf(at),
  }));

const quiet: Decode<readonly string[] | "all"> = (at) => {
  if (at.node.kind === "scalar" && at.node.text === "all") return "all";
  return listOf(alertName)(at);
};
