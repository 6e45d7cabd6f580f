import type { SourcePosition } from "@tatou/model";
import { type AlertVerdict, alertVerdicts } from "./alert-verdict.ts";
import { checkAlert, checkRepeatedAlerts } from "./check-alerts.ts";
import { checkCompose } from "./check-compose.ts";
import type { CheckContext } from "./check-context.ts";
import { checkDrills } from "./check-drills.ts";
import { checkExpression } from "./check-expression.ts";
import { checkProof } from "./check-proof.ts";
import { checkRoutes } from "./check-routes.ts";
import { checkSecretDefaults, checkSettingsFile, checkYamlSecrets } from "./check-secrets.ts";
import { checkSourceRules } from "./check-sources.ts";
import { type DetectionTime, detectionTime } from "./detection-time.ts";
import type { Finding } from "./finding.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import { MetricCatalog } from "./metric-catalog.ts";
import { loadProject, type Project } from "./project.ts";
import type { ProjectFiles } from "./project-files.ts";
import { isAlert, parseOrReport, type RuleFacts, readRules } from "./rule-facts.ts";
import { type ScanCache, type SourceFacts, scanSources } from "./scan/scan-sources.ts";
import { isSenderLabel } from "./sender-labels.ts";

export interface CheckOptions {
  /** What a target exports right now, beside what the code declares; null without one. */
  readonly live: LiveMetrics | null;
  /** What earlier checks read in the code; this one adds to it. */
  readonly scanned?: ScanCache;
}

/** What a check looked at, and what it found. */
export interface CheckReport {
  /** By file, line and column. */
  readonly findings: readonly Finding[];
  /** One per alert, in the order of the rules. */
  readonly times: readonly DetectionTime[];
  /** One per alert, in the order of the rules. */
  readonly alerts: readonly AlertVerdict[];
  readonly counts: CheckCounts;
}

export interface CheckCounts {
  readonly sources: number;
  readonly metrics: number;
  readonly alerts: number;
  readonly recordingRules: number;
  readonly panels: number;
  readonly tests: number;
}

/** Joins what a project exports, watches, tests and delivers, and finds what does not fit together. Asks no server. */
export function runCheck(files: ProjectFiles, options: CheckOptions): CheckReport {
  return checkWith(scanSources(files, options.scanned), files, options);
}

/** The same, where the sources were read before. */
export function checkWith(sources: SourceFacts, files: ProjectFiles, { live }: CheckOptions): CheckReport {
  const project = loadProject(files);
  const findings: Finding[] = [...project.problems, ...unreadableFindings(files)];
  const rules = readRules(project, findings);
  const context = contextOf({ files, project, rules, sources, live });
  const times = context.alerts.map((alert) => detectionTime(alert, context));
  for (const { rule, expr } of rules) {
    const what = rule.kind === "alerting" ? `alert ${rule.alert}` : `record ${rule.record}`;
    const alert = rule.kind === "alerting" ? rule.alert : null;
    findings.push(...checkExpression({ source: rule.expr, expr, what, alert }, context));
  }
  findings.push(
    ...context.alerts.flatMap((alert) => checkAlert(alert, context)),
    ...checkRepeatedAlerts(context.alerts),
    ...checkSourceRules(context),
    ...checkPanels(context),
    ...checkRoutes(context),
    ...checkProof(context, times),
    ...checkDrills(context),
    ...checkUnread(sources, context),
    ...project.composePaths.flatMap((path) => checkCompose(files.read(path), path, context)),
    ...project.configPaths.flatMap((path) => checkYamlSecrets(files.read(path), path)),
    ...project.settingsPaths.flatMap((path) => checkSettingsFile(files.read(path), path)),
    ...checkSecretDefaults(sources.secretDefaults),
  );
  const alerts = alertVerdicts(context, findings);
  return { findings: findings.toSorted(byPlace), times, alerts, counts: countsOf(context, sources) };
}

/** Nothing that they hold is known: neither metrics nor rules. */
function unreadableFindings({ unreadable = [] }: ProjectFiles): readonly Finding[] {
  return unreadable.map((path) => ({
    code: "path_unreadable",
    severity: "info",
    position: { file: path, line: 1, column: 1 },
    message: `Cannot look into ${path}: this user has no permission`,
    hint: "Check as a user who may read it, when it holds code or configuration",
  }));
}

interface ContextParts extends Pick<CheckContext, "files" | "project" | "rules"> {
  readonly sources: SourceFacts;
  readonly live: LiveMetrics | null;
}

function contextOf({ files, project, rules, sources, live }: ContextParts): CheckContext {
  const { prometheus } = project;
  const recorded = rules.flatMap(({ rule, ...facts }) => (rule.kind === "recording" ? [{ rule, ...facts }] : []));
  const hasSources = sources.metrics.length > 0;
  return {
    files,
    project,
    prometheus,
    rules,
    alerts: rules.filter(isAlert),
    catalog: new MetricCatalog({ sources, live, prometheus, recorded }),
    words: hasSources ? wordsOf(sources, { project, rules, live }) : null,
    jobs: jobsOf(project),
    liveValues: hasSources || live === null ? null : live.values,
    addressedMetrics: sources.metrics.filter(({ labels }) => labels?.some(isSenderLabel) ?? false),
    readMetrics: new Set(),
    deadSelectors: new Set(),
  };
}

interface WordSources {
  readonly project: Project;
  readonly rules: readonly RuleFacts[];
  readonly live: LiveMetrics | null;
}

/** Values come from the code, from targets, from the configuration's own labels, and from what rules add. */
function wordsOf(sources: SourceFacts, { project, rules, live }: WordSources): ReadonlySet<string> {
  const words = new Set([...sources.words, ...(live?.words ?? [])]);
  const labels = [
    ...(project.prometheus?.scrapeConfigs ?? []).flatMap(({ discovery }) =>
      discovery.staticConfigs.map((group) => group.labels),
    ),
    ...rules.flatMap(({ rule, groupLabels }) => (rule.kind === "recording" ? [rule.labels, groupLabels] : [])),
  ];
  for (const value of labels.flatMap((set) => Object.values(set)))
    for (const [word] of value.matchAll(/[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*/g)) words.add(word);
  return words;
}

/** The names of the jobs; null when a rule makes others of them. */
function jobsOf({ prometheus }: Project): ReadonlySet<string> | null {
  if (prometheus === null || prometheus.scrapeConfigs.length === 0) return null;
  const isRenamed = prometheus.scrapeConfigs.some(
    ({ honorLabels, relabelConfigs, discovery }) =>
      honorLabels ||
      relabelConfigs.some(
        (rule) => rule.action === "labelmap" || ("targetLabel" in rule && rule.targetLabel === "job"),
      ) ||
      discovery.staticConfigs.some(({ labels }) => labels["job"] !== undefined),
  );
  return isRenamed ? null : new Set(prometheus.scrapeConfigs.map(({ jobName }) => jobName));
}

function checkPanels(context: CheckContext): readonly Finding[] {
  return context.project.dashboards.flatMap(({ expressions, title }) =>
    expressions.flatMap((source) => {
      const findings: Finding[] = [];
      const expr = parseOrReport(source, findings);
      // What a variable of the dashboard becomes may well parse.
      if (expr === null) return source.hasVariables ? [] : findings;
      return checkExpression(
        { source, expr, what: `panel ${JSON.stringify(source.panel || title)}`, alert: null },
        context,
      );
    }),
  );
}

/** Of a histogram, any part will do. */
function checkUnread({ metrics }: SourceFacts, { readMetrics, project }: CheckContext): readonly Finding[] {
  if (readMetrics.size === 0 || (project.ruleFiles.length === 0 && project.dashboards.length === 0)) return [];
  const seen = new Set<string>();
  return metrics.flatMap(({ name, position }): readonly Finding[] => {
    if (seen.has(name) || ["", "_bucket", "_sum", "_count"].some((part) => readMetrics.has(`${name}${part}`)))
      return [];
    seen.add(name);
    return [
      {
        code: "metric_unread",
        severity: "info",
        position,
        message: `No rule and no panel reads ${name}`,
        hint: "Watch it, or leave it for whoever asks",
      },
    ];
  });
}

function byPlace({ position: a }: { position: SourcePosition }, { position: b }: { position: SourcePosition }): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

function countsOf({ alerts, rules, project }: CheckContext, sources: SourceFacts): CheckCounts {
  return {
    sources: sources.sourceCount,
    metrics: new Set(sources.metrics.map(({ name }) => name)).size,
    alerts: alerts.length,
    recordingRules: rules.length - alerts.length,
    panels: project.dashboards.reduce((count, { expressions }) => count + expressions.length, 0),
    tests: project.tests.reduce((count, { tests }) => count + tests.length, 0),
  };
}
