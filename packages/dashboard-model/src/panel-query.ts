import type { Panel, PanelTarget } from "./dashboard/dashboard.ts";
import { parseTime } from "./time/date-math.ts";
import {
  alignToStep,
  intervalText,
  parseInterval,
  type QueryStep,
  queryStep,
  scrapeIntervalDefaultMs,
} from "./time/step.ts";
import type { TimeRange } from "./time/time-range.ts";
import { interpolatePromql, interpolateRaw, interpolateText, mentionsVariable } from "./variables/interpolate.ts";
import { singleValue, type VariableScope, type VariableValue } from "./variables/variable.ts";

/** One request to the query API of a data source. */
export interface PanelQuery {
  readonly refId: string;
  readonly expression: string;
  readonly legendFormat: string;
  readonly asTable: boolean;
  /** Uid or name of the data source, all variables filled in; "" for the default. */
  readonly datasource: string;
  readonly time:
    | { readonly kind: "instant"; readonly timeMs: number }
    | { readonly kind: "range"; readonly minTimeMs: number; readonly maxTimeMs: number; readonly stepMs: number };
}

export interface PanelQueryContext {
  readonly range: TimeRange;
  readonly scope: VariableScope;
  readonly widthPixels: number;
  /** Of the data source; undefined when it says nothing. */
  readonly scrapeIntervalMs?: number;
}

/** The requests that a panel's queries are, with every variable filled in. */
export function panelQueries(panel: Panel, context: PanelQueryContext): PanelQuery[] {
  const range = panelRange(panel, context.range);
  return panel.targets
    .filter((target) => !target.hidden)
    .map((target) => targetQuery({ panel, target, range, context }));
}

/** The dashboard's range, or what the panel makes of it by "relative time" and "time shift". */
export function panelRange(panel: Pick<Panel, "timeFrom" | "timeShift">, range: TimeRange): TimeRange {
  let { minTimeMs, maxTimeMs } = range;
  const from = panel.timeFrom === "" ? null : parseTime(asMath(panel.timeFrom), { nowMs: maxTimeMs });
  if (from !== null && from < maxTimeMs) minTimeMs = from;
  const shifted = panel.timeShift === "" ? null : parseTime(asMath(panel.timeShift), { nowMs: maxTimeMs });
  if (shifted === null) return { minTimeMs, maxTimeMs };
  const shiftMs = maxTimeMs - shifted;
  return { minTimeMs: minTimeMs - shiftMs, maxTimeMs: maxTimeMs - shiftMs };
}

/** "2h" means "now-2h"; "now/d" stays. */
function asMath(text: string): string {
  return text.startsWith("now") ? text : `now-${text}`;
}

/** The built-in variables that depend on the range alone. */
export function rangeVariables(range: TimeRange): [string, VariableValue][] {
  const rangeMs = range.maxTimeMs - range.minTimeMs;
  return [
    ["__from", singleValue(String(range.minTimeMs))],
    ["__to", singleValue(String(range.maxTimeMs))],
    ["__range", singleValue(`${Math.round(rangeMs / 1000)}s`)],
    ["__range_s", singleValue(String(Math.round(rangeMs / 1000)))],
    ["__range_ms", singleValue(String(rangeMs))],
  ];
}

interface TargetParts {
  readonly panel: Panel;
  readonly target: PanelTarget;
  readonly range: TimeRange;
  readonly context: PanelQueryContext;
}

function targetQuery({ panel, target, range, context }: TargetParts): PanelQuery {
  const step = targetStep({ panel, target, range, context });
  const scope: VariableScope = new Map([...context.scope, ...rangeVariables(range), ...stepVariables(step)]);
  const datasource =
    target.datasource === "" || target.datasource === "-- Mixed --" ? panel.datasource : target.datasource;
  return {
    refId: target.refId,
    expression: interpolatePromql(target.expression, scope),
    legendFormat: interpolateText(target.legendFormat, scope),
    asTable: target.asTable,
    datasource: interpolateRaw(datasource, scope),
    time: target.instant
      ? { kind: "instant", timeMs: range.maxTimeMs }
      : { kind: "range", ...alignToStep(range, step.stepMs), stepMs: step.stepMs },
  };
}

function targetStep({ panel, target, range, context }: TargetParts): QueryStep {
  const scrapeIntervalMs = context.scrapeIntervalMs ?? scrapeIntervalDefaultMs;
  const wanted = target.minInterval || panel.minInterval;
  const options = {
    range,
    maxDataPoints: panel.maxDataPoints ?? Math.max(100, context.widthPixels),
    scrapeIntervalMs,
    intervalFactor: target.intervalFactor,
  };
  const automatic = queryStep(options);
  if (wanted === "") return automatic;
  // A "min step" may itself be written with $__rate_interval or a variable of the dashboard.
  const scope = new Map([...context.scope, ...stepVariables(automatic)]);
  const minStepMs = parseInterval(interpolateRaw(wanted, scope));
  if (minStepMs === undefined) return automatic;
  if (mentionsVariable(wanted, "__rate_interval"))
    return {
      ...automatic,
      stepMs: Math.max(automatic.stepMs, minStepMs),
      intervalMs: Math.max(automatic.intervalMs, minStepMs),
    };
  return queryStep({ ...options, minStepMs });
}

function stepVariables(step: QueryStep): [string, VariableValue][] {
  return [
    ["__interval", singleValue(intervalText(step.intervalMs))],
    ["__interval_ms", singleValue(String(Math.round(step.intervalMs)))],
    ["__rate_interval", singleValue(intervalText(step.rateIntervalMs))],
    ["__rate_interval_ms", singleValue(String(Math.round(step.rateIntervalMs)))],
  ];
}
