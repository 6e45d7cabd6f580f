import type { ScrapeConfig } from "@tatou/config";
import { type Labels, labelsOf } from "@tatou/model";
import { makeTarget, type Target } from "./target.ts";

/** Targets of one scrape job. */
export interface DiscoveredTargets {
  /** No two with the same key. */
  readonly active: readonly Target[];
  readonly dropped: readonly Labels[];
  /** One line each, for the log. */
  readonly problems: readonly string[];
}

/** The targets that static_configs name, relabelled. */
export function discoverStatic(config: ScrapeConfig): DiscoveredTargets {
  const active = new Map<string, Target>();
  const dropped: Labels[] = [];
  const problems: string[] = [];
  for (const group of config.discovery.staticConfigs)
    for (const address of group.targets) {
      const outcome = makeTarget(labelsOf({ ...group.labels, __address__: address }), config);
      if (outcome.kind === "active") active.set(outcome.target.key, active.get(outcome.target.key) ?? outcome.target);
      if (outcome.kind === "dropped") dropped.push(outcome.discoveredLabels);
      if (outcome.kind === "invalid")
        problems.push(`job ${config.jobName}, target ${JSON.stringify(address)}: ${outcome.problem}`);
    }
  return { active: [...active.values()], dropped, problems };
}

/** The kinds of discovery that a job asks for and that nothing here runs, as they are called in the file. */
export function discoveryLeftOut({ discovery }: ScrapeConfig): readonly string[] {
  const known = {
    file_sd_configs: discovery.fileSdConfigs,
    http_sd_configs: discovery.httpSdConfigs,
    dns_sd_configs: discovery.dnsSdConfigs,
  };
  const asked = Object.entries(known).filter(([, configs]) => configs.length > 0);
  return [...new Set([...asked.map(([kind]) => kind), ...discovery.unsupportedDiscovery.map(({ kind }) => kind)])];
}
