import { createHash } from "node:crypto";
import { rfc3339Text, successEnvelope } from "@tatou/api";
import { formatFloatG } from "@tatou/kernels";
import { accepts, labelsToObject, labelValue } from "@tatou/model";
import type { AlertSnapshot, RuleGroupSnapshot, RuleManager, RuleSnapshot } from "@tatou/rules";
import type { FastifyInstance } from "fastify";
import { sendApiError } from "./api-error.ts";
import { invalidParameter, matchParameter, parametersOf, textParameter } from "./parameters.ts";

/** /api/v1/rules and /api/v1/alerts. */
export function addRuleRoutes(app: FastifyInstance, rules: RuleManager): void {
  app.get("/api/v1/rules", (request, reply) => {
    try {
      return successEnvelope(ruleDiscovery(rules.groups(), parametersOf(request)));
    } catch (error) {
      return sendApiError(reply, error);
    }
  });

  app.get("/api/v1/alerts", () => successEnvelope({ alerts: rules.alerts().map(alertShape) }));
}

/** The groups with the rules that are asked for; without those that have none of them. @throws {ApiError} */
function ruleDiscovery(groups: readonly RuleGroupSnapshot[], parameters: URLSearchParams) {
  const isWanted = ruleFilter(parameters);
  const withAlerts = !excludesAlerts(parameters);
  const page = pageParameters(parameters);
  const shown = groups
    .slice(page === null ? 0 : firstGroupIndex(groups, page.token))
    .filter((group) => isListed(parameters.getAll("rule_group[]"), group.name))
    .filter((group) => isListed(parameters.getAll("file[]"), group.file))
    .map((group) => ({ group, rules: group.rules.filter(isWanted) }))
    .filter(({ rules }) => rules.length > 0);
  const next = page === null ? undefined : shown[page.groupLimit];
  return {
    groups: shown.slice(0, page?.groupLimit).map(({ group, rules }) => groupShape(group, rules, withAlerts)),
    ...(next !== undefined && { groupNextToken: groupToken(next.group) }),
  };
}

function isListed(wanted: readonly string[], name: string): boolean {
  return wanted.length === 0 || wanted.includes(name);
}

/** @throws {ApiError} */
function ruleFilter(parameters: URLSearchParams): (rule: RuleSnapshot) => boolean {
  const type = (textParameter(parameters, "type") ?? "").toLowerCase();
  if (type !== "" && type !== "alert" && type !== "record")
    throw invalidParameter("type", `not supported value ${JSON.stringify(type)}`, "Use alert or record");
  const names = parameters.getAll("rule_name[]");
  const matcherSets = matchParameter(parameters);
  return (rule) => {
    const hasType = type === "" || (type === "alert") === (rule.kind === "alerting");
    const hasLabels =
      matcherSets.length === 0 ||
      matcherSets.some((matchers) =>
        matchers.every((matcher) => accepts(matcher, labelValue(rule.labels, matcher.label))),
      );
    return hasType && hasLabels && isListed(names, rule.name);
  };
}

/** The texts that Go reads as a truth value, in any case. @throws {ApiError} */
function excludesAlerts(parameters: URLSearchParams): boolean {
  const text = (textParameter(parameters, "exclude_alerts") ?? "false").toLowerCase();
  if (["1", "t", "true"].includes(text)) return true;
  if (["0", "f", "false"].includes(text)) return false;
  const reason = `error converting exclude_alerts: cannot parse ${JSON.stringify(text)} to a truth value`;
  throw invalidParameter("exclude_alerts", reason, "Use true or false");
}

interface PageParameters {
  readonly groupLimit: number;
  /** Names the first group of the page; undefined for the first page. */
  readonly token: string | undefined;
}

/** null when all groups are asked for at once. @throws {ApiError} */
function pageParameters(parameters: URLSearchParams): PageParameters | null {
  const token = textParameter(parameters, "group_next_token");
  const text = textParameter(parameters, "group_limit");
  const hint = "Give a whole number above 0";
  if (text === undefined) {
    if (token === undefined) return null;
    const reason = "group_limit needs to be present in order to paginate over the groups";
    throw invalidParameter("group_next_token", reason, "Repeat the group_limit of the first page");
  }
  if (!/^\+?\d{1,15}$/.test(text) || Number(text) === 0)
    throw invalidParameter("group_limit", "group_limit needs to be a valid number greater than 0", hint);
  return { groupLimit: Number(text), token };
}

/** @throws {ApiError} */
function firstGroupIndex(groups: readonly RuleGroupSnapshot[], token: string | undefined): number {
  if (token === undefined) return 0;
  const index = groups.findIndex((group) => groupToken(group) === token);
  if (index !== -1) return index;
  const reason = `invalid group_next_token '${token}'. were rule groups changed?`;
  throw invalidParameter("group_next_token", reason, "Begin with the first page again");
}

function groupToken({ file, name }: RuleGroupSnapshot): string {
  return createHash("sha1").update(`${file};${name}`).digest("hex");
}

function groupShape(group: RuleGroupSnapshot, rules: readonly RuleSnapshot[], withAlerts: boolean) {
  return {
    name: group.name,
    file: group.file,
    rules: rules.map((rule) => ruleShape(rule, withAlerts)),
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: group.evaluationDurationMs / 1000,
    lastEvaluation: rfc3339Text(group.lastEvaluationMs),
  };
}

function ruleShape(rule: RuleSnapshot, withAlerts: boolean) {
  const common = {
    name: rule.name,
    query: rule.query,
    labels: labelsToObject(rule.labels),
    health: rule.health,
    ...(rule.lastError !== "" && { lastError: rule.lastError }),
    evaluationTime: rule.evaluationDurationMs / 1000,
    lastEvaluation: rfc3339Text(rule.lastEvaluationMs),
  };
  if (rule.kind === "recording") return { ...common, type: "recording" };
  return {
    ...common,
    type: "alerting",
    state: rule.state,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: labelsToObject(rule.annotations),
    alerts: withAlerts ? rule.alerts.map(alertShape) : [],
  };
}

function alertShape(alert: AlertSnapshot) {
  return {
    labels: labelsToObject(alert.labels),
    annotations: labelsToObject(alert.annotations),
    state: alert.state,
    activeAt: rfc3339Text(alert.activeAtMs),
    ...(alert.keepFiringSinceMs !== null && { keepFiringSince: rfc3339Text(alert.keepFiringSinceMs) }),
    value: scientific(alert.value),
  };
}

/** Prometheus writes an alert's value with an exponent always. */
function scientific(value: number): string {
  if (!Number.isFinite(value)) return formatFloatG(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
