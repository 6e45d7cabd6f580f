import type { InhibitRuleConfig } from "@tatou/config";
import { type Labels, labelValue, textsKey } from "@tatou/model";
import type { Alert } from "../alert/alert.ts";
import { acceptsAll } from "../route/route.ts";

/** Tells which alerts are muted because another alert is firing. */
export class Inhibitor {
  readonly #rules: readonly InhibitRule[];
  readonly #isResolved: (alert: Alert, nowMs: number) => boolean;

  constructor(rules: readonly InhibitRuleConfig[], isResolved: (alert: Alert, nowMs: number) => boolean) {
    this.#rules = rules.map((config) => ({ config, sources: new Map() }));
    this.#isResolved = isResolved;
  }

  /** Takes note of an alert that was received; it may be the source of a rule. */
  observe(alert: Alert): void {
    for (const rule of this.#rules) {
      if (!acceptsAll(rule.config.sourceMatchers, alert.labels)) continue;
      const key = equalKey(rule.config.equal, alert.labels);
      const sources = rule.sources.get(key) ?? new Map<string, Source>();
      const isAlsoTarget = acceptsAll(rule.config.targetMatchers, alert.labels);
      rule.sources.set(key, sources.set(alert.fingerprint, { alert, isAlsoTarget }));
    }
  }

  /** Fingerprints of the alerts that mute these labels, at most one for each rule. */
  inhibitedBy(labels: Labels, nowMs: number): readonly string[] {
    const fingerprints = new Set<string>();
    for (const rule of this.#rules) {
      if (!acceptsAll(rule.config.targetMatchers, labels)) continue;
      const source = this.#firingSource(rule, labels, nowMs);
      if (source !== undefined) fingerprints.add(source.fingerprint);
    }
    return [...fingerprints];
  }

  #firingSource(rule: InhibitRule, labels: Labels, nowMs: number): Alert | undefined {
    const { sourceMatchers, equal } = rule.config;
    const sources = rule.sources.get(equalKey(equal, labels));
    if (sources === undefined) return undefined;
    // An alert on both sides of a rule must not mute itself, nor two such alerts each other.
    const isAlsoSource = acceptsAll(sourceMatchers, labels);
    for (const { alert, isAlsoTarget } of sources.values()) {
      if (!(isAlsoSource && isAlsoTarget) && !this.#isResolved(alert, nowMs)) return alert;
    }
    return undefined;
  }

  /** Forgets sources that are resolved. */
  sweep(nowMs: number): void {
    for (const rule of this.#rules) {
      for (const [key, sources] of rule.sources) {
        for (const { alert } of sources.values()) {
          if (this.#isResolved(alert, nowMs)) sources.delete(alert.fingerprint);
        }
        if (sources.size === 0) rule.sources.delete(key);
      }
    }
  }
}

interface InhibitRule {
  readonly config: InhibitRuleConfig;
  /** Alerts that match the source side: by the values of the `equal` labels, then by fingerprint. */
  readonly sources: Map<string, Map<string, Source>>;
}

interface Source {
  readonly alert: Alert;
  /** Whether the target side of the rule accepts it too. */
  readonly isAlsoTarget: boolean;
}

function equalKey(names: readonly string[], labels: Labels): string {
  return textsKey(names.map((name) => labelValue(labels, name)));
}
