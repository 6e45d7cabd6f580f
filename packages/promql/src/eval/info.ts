import {
  accepts,
  emptyLabels,
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  makeMatcher,
  metricNameLabel,
  onlyLabels,
  withLabel,
} from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import type { CallExpr } from "../parser/ast.ts";
import { formatLabelSet } from "./format-label-set.ts";
import { infoSelector } from "./info-selector.ts";
import { selectVector } from "./select-vector.ts";
import { mergeSameLabels, newStepSeries, type StepSeries, setPoint } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/** Labels by which a series finds its info series. */
const identifyingLabels = ["instance", "job"];

/**
 * `info(v, {matchers})`: adds labels of info series (by default of target_info) to the series of the same instance and
 * job. Where several info series have the same name and identity, the one with the newest sample counts.
 */
export async function evaluateInfo(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const base = await query.evaluateVector(evaluation, expr.args[0]!, steps);
  const choice = infoChoice(expr);
  const enriched = base.filter(({ labels }) => !isInfoSeries(labels, choice));
  const infos = await selectInfos(query, expr, { choice, enriched });
  const outputs: StepSeries[] = base.filter(({ labels }) => isInfoSeries(labels, choice));
  for (const series of enriched) {
    const identity = labelsKey(onlyLabels(series.labels, identifyingLabels));
    const candidates = infos.get(identity) ?? [];
    outputs.push(...enrich(series, { candidates, choice, stepCount: steps.count }));
    if (evaluation.isTurnOver(steps.count * (candidates.length + 1))) await evaluation.pause();
  }
  return mergeSameLabels(outputs);
}

interface InfoChoice {
  readonly nameMatchers: readonly Matcher[];
  /** They choose info series, and which of their labels are taken: without any, all. */
  readonly dataMatchers: readonly Matcher[];
}

function infoChoice(expr: CallExpr): InfoChoice {
  const selector = expr.args[1];
  const matchers = selector?.kind === "vectorSelector" ? selector.matchers : [];
  return {
    nameMatchers: infoNameMatchers(matchers.filter(({ label }) => label === metricNameLabel)),
    dataMatchers: matchers.filter(({ label }) => label !== metricNameLabel),
  };
}

/** Without a name it is target_info; with names that are only excluded, it is all others that sound like info. */
function infoNameMatchers(given: readonly Matcher[]): readonly Matcher[] {
  if (given.length === 0) return [makeMatcher(metricNameLabel, "=", "target_info")];
  const namesSome = given.some(({ kind }) => kind === "equal" || kind === "matches");
  return namesSome ? given : [...given, makeMatcher(metricNameLabel, "=~", ".+_info")];
}

function isInfoSeries(labels: Labels, { nameMatchers }: InfoChoice): boolean {
  const name = labelValue(labels, metricNameLabel);
  return nameMatchers.every((matcher) => accepts(matcher, name));
}

interface InfoSelection {
  readonly choice: InfoChoice;
  readonly enriched: readonly StepSeries[];
}

/** The info series by identity; their values are the times of their samples. */
async function selectInfos(
  { evaluation, steps }: VectorQuery,
  expr: CallExpr,
  { choice, enriched }: InfoSelection,
): Promise<Map<string, StepSeries[]>> {
  const infos = new Map<string, StepSeries[]>();
  const identities = identityMatchers(enriched);
  if (identities.length === 0) return infos;
  const matchers = [...choice.nameMatchers, ...identities, ...choice.dataMatchers];
  const selector = infoSelector(evaluation, expr, matchers);
  for (const info of await selectVector(evaluation, selector, { steps, aspect: "timeSeconds" })) {
    const identity = labelsKey(onlyLabels(info.labels, identifyingLabels));
    infos.set(identity, [...(infos.get(identity) ?? []), info]);
  }
  return infos;
}

function identityMatchers(enriched: readonly StepSeries[]): Matcher[] {
  const matchers: Matcher[] = [];
  for (const name of identifyingLabels) {
    const values = new Set(enriched.map(({ labels }) => labelValue(labels, name)).filter((value) => value !== ""));
    if (values.size === 0) continue;
    matchers.push(makeMatcher(name, "=~", [...values].map((value) => escapeRegex(value)).join("|")));
  }
  return matchers;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

interface Enrichment {
  readonly candidates: readonly StepSeries[];
  readonly choice: InfoChoice;
  readonly stepCount: number;
}

/** A series whose info changes over time becomes several. */
function enrich(series: StepSeries, { candidates, choice, stepCount }: Enrichment): StepSeries[] {
  const outputs = new Map<string, StepSeries>();
  for (let step = 0; step < stepCount; step++) {
    if (series.present[step] === 0) continue;
    const infos = newestByName(candidates, step);
    // Without info series, a matcher that demands a label has no match.
    if (infos.length === 0 && choice.dataMatchers.some((matcher) => !accepts(matcher, ""))) continue;
    const labels = addInfoLabels(series.labels, infos, choice);
    const key = labelsKey(labels);
    const output = outputs.get(key) ?? newStepSeries(labels, series.dropsName, stepCount);
    outputs.set(key, output);
    setPoint(output, step, series.values[step]!);
  }
  return [...outputs.values()];
}

function newestByName(candidates: readonly StepSeries[], step: number): StepSeries[] {
  const newest = new Map<string, StepSeries>();
  for (const candidate of candidates) {
    if (candidate.present[step] === 0) continue;
    const name = labelValue(candidate.labels, metricNameLabel);
    const other = newest.get(name);
    if (other !== undefined && other.values[step] === candidate.values[step])
      throw duplicateInfoError(other, candidate, step);
    if (other === undefined || other.values[step]! < candidate.values[step]!) newest.set(name, candidate);
  }
  return [...newest.values()];
}

function addInfoLabels(base: Labels, infos: readonly StepSeries[], { dataMatchers }: InfoChoice): Labels {
  let added: Labels = emptyLabels;
  for (const { labels } of infos) {
    for (const { name, value } of labels) {
      const isWanted = dataMatchers.length === 0 || dataMatchers.some(({ label }) => label === name);
      if (name === metricNameLabel || !isWanted) continue;
      const other = labelValue(added, name);
      if (other !== "" && other !== value)
        throw new QueryExecutionError(`conflicting label: ${name}`, {
          hint: "Choose one info metric with a __name__ matcher",
        });
      if (labelValue(base, name) === "") added = withLabel(added, name, value);
    }
  }
  return added.reduce((labels, { name, value }) => withLabel(labels, name, value), base);
}

function duplicateInfoError(first: StepSeries, second: StepSeries, step: number): QueryExecutionError {
  const timeMs = Math.round(first.values[step]! * 1000);
  return new QueryExecutionError(
    `found duplicate series for info metric: existing ${formatLabelSet(first.labels)} @ ${timeMs}, ` +
      `new ${formatLabelSet(second.labels)} @ ${timeMs}`,
    { hint: "Make the info series differ in instance or job" },
  );
}
