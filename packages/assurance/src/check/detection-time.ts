import { accepts } from "@tatou/model";
import { childrenOf, type Expr, selectorsOf } from "@tatou/promql";
import type { CheckContext } from "./check-context.ts";
import { routedAlert, routesOf } from "./route-walk.ts";
import type { AlertFacts } from "./rule-facts.ts";

/** From the first request of an attack until somebody is told, part by part. */
export interface DetectionTime {
  readonly alert: string;
  /** Until enough has happened: as the proof file says; else the second sample of what takes a rate. */
  readonly rampMs: number;
  readonly scrapeMs: number;
  readonly evaluationMs: number;
  readonly forMs: number;
  readonly groupWaitMs: number;
  /** What a request to a target and a message to a receiver take. */
  readonly deliveryMs: number;
  readonly totalMs: number;
  /** null when there is none. */
  readonly budgetMs: number | null;
}

/** What a request to a target and a message to a receiver take at most, together. */
const deliveryMs = 5_000;

/** The time that an alert takes, when scrape and evaluation have each just missed what they wait for. */
export function detectionTime(alert: AlertFacts, context: CheckContext): DetectionTime {
  const proof = context.project.proof?.alerts.get(alert.rule.alert);
  const scrapeMs = scrapeIntervalMs(alert.expr, context);
  const rampMs = proof?.rampMs ?? (takesRate(alert.expr) ? scrapeMs : 0);
  const groupWaitMs = longestGroupWaitMs(alert, context);
  const { forMs } = alert.rule;
  return {
    alert: alert.rule.alert,
    rampMs,
    scrapeMs,
    evaluationMs: alert.intervalMs,
    forMs,
    groupWaitMs,
    deliveryMs,
    totalMs: rampMs + scrapeMs + alert.intervalMs + forMs + groupWaitMs + deliveryMs,
    budgetMs: proof?.maxDetectMs ?? null,
  };
}

function longestGroupWaitMs(alert: AlertFacts, context: CheckContext): number {
  const config = context.project.alertmanager;
  if (config === null) return 0;
  return Math.max(0, ...routesOf(routedAlert(alert, context), config).map(({ groupWaitMs }) => groupWaitMs));
}

function scrapeIntervalMs(expr: Expr, { prometheus }: CheckContext): number {
  if (prometheus === null) return 0;
  const jobs = selectorsOf(expr).flatMap(({ matchers }) => matchers.filter(({ label }) => label === "job"));
  const intervals = prometheus.scrapeConfigs
    .filter(({ jobName }) => jobs.length === 0 || jobs.some((matcher) => accepts(matcher, jobName)))
    .map(({ scrapeIntervalMs: intervalMs }) => intervalMs);
  return intervals.length === 0 ? prometheus.global.scrapeIntervalMs : Math.max(...intervals);
}

function takesRate(expr: Expr): boolean {
  if (expr.kind === "call" && ["rate", "irate", "increase"].includes(expr.function)) return true;
  return childrenOf(expr).some(takesRate);
}
