import {
  type AlertSink,
  type Appendable,
  type Clock,
  type EventLog,
  type Labels,
  type Log,
  type Md5,
  type Queryable,
  type RelabelRule,
  silentLog,
} from "@tatou/model";
import type { RuleQuery } from "../evaluation/rule-query.ts";
import type { RuleEnvironment } from "../group/rule-environment.ts";
import { RuleGroup } from "../group/rule-group.ts";
import type { SendSettings } from "../group/send-alerts.ts";
import { noRuleMetrics, type RuleMetrics } from "../report/rule-metrics.ts";
import { groupKey, type RuleGroupSpec } from "../rule.ts";
import { type AlertSnapshot, type RuleGroupSnapshot, snapshotGroup } from "./snapshot.ts";

export interface RuleManagerOptions {
  readonly clock: Clock;
  readonly query: RuleQuery;
  /** Takes recorded series, ALERTS and ALERTS_FOR_STATE. */
  readonly appendable: Appendable;
  /** Gives ALERTS_FOR_STATE back after a restart. */
  readonly queryable: Queryable;
  readonly alertSink: AlertSink;
  /** Of this server, as users reach it; without a slash at the end. */
  readonly externalUrl: string;
  /** Needed by relabelling with hashmod. */
  readonly md5: Md5;
  readonly eventLog?: EventLog;
  readonly metrics?: RuleMetrics;
  /** Hears of defects. */
  readonly log?: Log;
  /** Default 1 h: --rules.alert.for-outage-tolerance. */
  readonly outageToleranceMs?: number;
  /** Default 10 min: --rules.alert.for-grace-period. */
  readonly forGracePeriodMs?: number;
  /** Default 1 min: --rules.alert.resend-delay. */
  readonly resendDelayMs?: number;
  /** Default 2 min: --query.timeout. */
  readonly evaluationTimeoutMs?: number;
}

/** What a reload may change beside the groups. */
export interface RuleSettings {
  readonly externalLabels: Labels;
  readonly alertRelabelRules: readonly RelabelRule[];
}

/** Runs rule groups: loads, reloads and ends them, and tells their state. */
export class RuleManager {
  readonly #options: RuleManagerOptions;
  readonly #controller = new AbortController();
  readonly #metrics: RuleMetrics;
  #settings: RuleSettings = { externalLabels: [], alertRelabelRules: [] };
  #groups: ReadonlyMap<string, RuleGroup> = new Map();
  /** Only the groups of the first update find state of before the start in storage. */
  #isFirstUpdate = true;
  /** Updates, one after the other. */
  #updates: Promise<void> = Promise.resolve();
  readonly #endings = new Set<Promise<void>>();

  private constructor(options: RuleManagerOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? noRuleMetrics;
  }

  /** Nothing runs until the first `update`. */
  static open(options: RuleManagerOptions): RuleManager {
    return new RuleManager(options);
  }

  /**
   * Makes these the groups that run. A group that did not change runs on; a changed one is stopped and continued by its
   * successor, with the alerts of the rules that have the same name and labels.
   * @param groups without two of one file and name
   */
  async update(groups: readonly RuleGroupSpec[], settings: RuleSettings): Promise<void> {
    const update = this.#updates.then(() => this.#update(groups, settings));
    // One that fails must not make all later ones fail.
    this.#updates = update.catch(() => undefined);
    await update;
  }

  /** All groups, by file and name. */
  groups(): readonly RuleGroupSnapshot[] {
    return [...this.#groups.values()].map(snapshotGroup);
  }

  /** Pending and firing alerts of all groups. */
  alerts(): readonly AlertSnapshot[] {
    return this.groups().flatMap((group) =>
      group.rules.flatMap((rule) => (rule.kind === "alerting" ? rule.alerts : [])),
    );
  }

  /** Stops all groups; what is being evaluated is given up. Series are not ended, as a restart continues them. */
  async close(): Promise<void> {
    this.#controller.abort(new Error("the rule manager was closed"));
    await this.#updates;
    await Promise.all([...this.#groups.values()].map((group) => group.stop()));
    await Promise.all(this.#endings);
  }

  async #update(groups: readonly RuleGroupSpec[], settings: RuleSettings): Promise<void> {
    if (this.#controller.signal.aborted) return;
    this.#settings = settings;
    const remaining = new Map(this.#groups);
    const running = new Map<string, RuleGroup>();
    try {
      for (const spec of [...groups].sort(byFileAndName)) {
        const key = groupKey(spec);
        const previous = remaining.get(key) ?? null;
        remaining.delete(key);
        running.set(key, await this.#continued(spec, previous));
      }
    } finally {
      // When one cannot be started, the next update must not take a group that was stopped for one that runs.
      this.#groups = new Map([...running, ...remaining]);
    }
    for (const [key, group] of remaining) {
      await group.stop();
      this.#metrics.groupRemoved(key);
      this.#endLater(group);
    }
    this.#groups = running;
    this.#isFirstUpdate = false;
  }

  async #continued(spec: RuleGroupSpec, previous: RuleGroup | null): Promise<RuleGroup> {
    if (previous !== null && isSameGroup(previous.spec, spec)) return previous;
    await previous?.stop();
    const isRestoring = this.#isFirstUpdate;
    return RuleGroup.start({ spec, environment: this.#environment(), isRestoring, previous });
  }

  #endLater(group: RuleGroup): void {
    const ending = group.endSeries().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  #environment(): RuleEnvironment {
    const { clock, query, appendable, queryable, externalUrl, eventLog } = this.#options;
    const { outageToleranceMs = 3_600_000, forGracePeriodMs = 600_000, evaluationTimeoutMs = 120_000 } = this.#options;
    return {
      clock,
      query,
      appendable,
      restore: { queryable, outageToleranceMs, forGracePeriodMs },
      externalUrl,
      evaluationTimeoutMs,
      eventLog: eventLog ?? null,
      metrics: this.#metrics,
      log: this.#options.log ?? silentLog,
      signal: this.#controller.signal,
      externalLabels: () => this.#settings.externalLabels,
      sendSettings: () => this.#sendSettings(),
    };
  }

  #sendSettings(): SendSettings {
    const { alertSink, externalUrl, md5, resendDelayMs = 60_000 } = this.#options;
    return { sink: alertSink, externalUrl, md5, resendDelayMs, ...this.#settings };
  }
}

function byFileAndName(left: RuleGroupSpec, right: RuleGroupSpec): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** Whether two groups do the same; parsed expressions are compared by their text. */
function isSameGroup(left: RuleGroupSpec, right: RuleGroupSpec): boolean {
  return groupText(left) === groupText(right);
}

function groupText(group: RuleGroupSpec): string {
  const rules = group.rules.map((rule) => [
    rule.kind,
    rule.name,
    rule.exprText,
    rule.labels,
    rule.kind === "alerting" ? [rule.forMs, rule.keepFiringForMs, rule.annotations] : null,
  ]);
  return JSON.stringify([group.file, group.name, group.intervalMs, group.queryOffsetMs, group.limit, rules]);
}
