import type { RuleConfig, RuleFile, RuleGroupConfig } from "@tatou/config";
import {
  type EventLog,
  type LoggedEvent,
  labelsOf,
  labelsToObject,
  type NewEvent,
  type PostableAlert,
  VirtualClock,
} from "@tatou/model";
import { printExpr } from "@tatou/promql";
import type { RuleQuery, RuleSample } from "../evaluation/rule-query.ts";
import { loadRuleGroups } from "../load/load-rule-groups.ts";
import { RuleManager, type RuleManagerOptions } from "../manager/rule-manager.ts";
import type { RuleGroupSnapshot } from "../manager/snapshot.ts";
import type { RuleGroupSpec } from "../rule.ts";
import { MemoryStorage } from "./memory-storage.ts";

/** 2026-01-01T00:00:00Z. */
export const benchStartMs = 1_767_225_600_000;

type Answer = (secondsSinceStart: number) => readonly RuleSample[] | Promise<readonly RuleSample[]>;

/** A rule manager on a clock that is moved by hand, with answers made up by the test. */
export class RuleBench {
  readonly clock: VirtualClock;
  readonly storage: MemoryStorage;
  readonly sent: { readonly atSeconds: number; readonly alert: PostableAlert }[] = [];
  readonly events: NewEvent[] = [];
  readonly manager: RuleManager;
  readonly #answers = new Map<string, Answer>();

  constructor(options: Partial<RuleManagerOptions> & { startMs?: number; storage?: MemoryStorage } = {}) {
    this.clock = new VirtualClock(
      options.startMs ?? benchStartMs,
      () => new Promise((resolve) => setImmediate(resolve)),
    );
    this.storage = options.storage ?? new MemoryStorage();
    this.manager = RuleManager.open({
      clock: this.clock,
      query: this.#query,
      appendable: this.storage,
      queryable: this.storage,
      alertSink: {
        send: (alerts) => this.sent.push(...alerts.map((alert) => ({ atSeconds: this.seconds(), alert }))),
        close: () => Promise.resolve(),
      },
      externalUrl: "http://prom:9090",
      md5: () => new Uint8Array(16),
      eventLog: this.#eventLog(),
      ...options,
    });
  }

  /** What an expression, as it prints, gives at each second since the start. */
  answer(exprText: string, answer: Answer): void {
    this.#answers.set(exprText, answer);
  }

  seconds(): number {
    return (this.clock.nowMs() - benchStartMs) / 1000;
  }

  async load(...groups: RuleGroupSpec[]): Promise<void> {
    await this.manager.update(groups, { externalLabels: [], alertRelabelRules: [] });
  }

  /** The first group as the manager tells it. */
  group(): RuleGroupSnapshot {
    const [first] = this.manager.groups();
    if (first === undefined) throw new Error("no group runs");
    return first;
  }

  /** Each alert's state and start, as `firing Name{...} since 15`. */
  alerts(): string[] {
    return this.manager.alerts().map(({ labels, state, activeAtMs }) => {
      const { alertname, ...rest } = labelsToObject(labels);
      return `${state} ${alertname}${JSON.stringify(rest)} since ${(activeAtMs - benchStartMs) / 1000}`;
    });
  }

  readonly #query: RuleQuery = async (expr, timeMs) => {
    const answer = this.#answers.get(printExpr(expr));
    if (answer === undefined) throw new Error(`no answer for ${printExpr(expr)}`);
    return await answer((timeMs - benchStartMs) / 1000);
  };

  #eventLog(): EventLog {
    return {
      append: (event) => {
        this.events.push(event);
        return { ...event, seq: this.events.length, timeMs: 0, prev: "" } satisfies LoggedEvent;
      },
      read: async function* () {},
      head: () => ({ seq: 0, hash: "" }),
      close: () => Promise.resolve(),
    };
  }
}

export function sample(labels: Readonly<Record<string, string>>, value = 1): RuleSample {
  return { labels: labelsOf(labels), value };
}

const position = { file: "rules.yml", line: 1, column: 1 };

export function alertingRule(
  alert: string,
  expr: string,
  rest: Partial<Omit<Extract<RuleConfig, { kind: "alerting" }>, "kind" | "alert" | "expr">> = {},
): RuleConfig {
  return {
    kind: "alerting",
    alert,
    position,
    expr: { text: expr, position },
    forMs: 0,
    keepFiringForMs: 0,
    labels: {},
    annotations: {},
    ...rest,
  };
}

export function recordingRule(record: string, expr: string, labels: Readonly<Record<string, string>> = {}): RuleConfig {
  return { kind: "recording", record, position, expr: { text: expr, position }, labels };
}

export function ruleFile(
  groups: readonly (Partial<RuleGroupConfig> & Pick<RuleGroupConfig, "name" | "rules">)[],
): RuleFile {
  const full = groups.map((group) => ({
    position,
    intervalMs: null,
    queryOffsetMs: null,
    limit: 0,
    labels: {},
    ...group,
  }));
  return { file: "rules.yml", groups: full };
}

/** A group, by default with an interval of 15 s. */
export function group(rules: readonly RuleConfig[], rest: Partial<Omit<RuleGroupConfig, "rules">> = {}): RuleGroupSpec {
  const { groups, diagnostics } = loadRuleGroups([ruleFile([{ name: "g", rules, ...rest }])], {
    defaultIntervalMs: 15_000,
  });
  const [spec] = groups;
  if (spec === undefined || diagnostics.length > 0) throw new Error(diagnostics[0]?.message ?? "no group");
  return spec;
}
