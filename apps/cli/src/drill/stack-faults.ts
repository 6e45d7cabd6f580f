import { existsSync, mkdtempSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { FaultInjector, FaultName, MetricsDisguise } from "@tatou/assurance";
import type { ServerFaultName } from "@tatou/server";
import type { MonitoringCopy } from "./monitoring-copy.ts";

/** What a stack of a drill's own lets be done to it. */
export interface StackControls {
  readonly files: MonitoringCopy;
  /** Stands between the platform's metrics and the engine. */
  readonly metrics: MetricsDisguise;
  /** The platform's. */
  readonly storageDirectory: string;
  /** Makes the engine read its files again, and heeds no refusal. */
  readonly reload: () => Promise<void>;
  readonly beginServerFault: (fault: ServerFaultName) => () => void;
  /** Lets the platform answer nobody; gives the way back. */
  readonly stopServer: () => Promise<() => Promise<void>>;
  /** Ends the platform's process at once, and waits until another answers. */
  readonly restartServer: () => Promise<void>;
}

const platformJob = "tatou-app";

/** Left has no second series to match either: both of the right have the same, empty, group. */
const failingRules = `groups:
  - name: drill
    rules:
      - record: drill:failing
        expr: vector(1) * on () (label_replace(vector(1), "side", "a", "", "") or label_replace(vector(1), "side", "b", "", ""))
`;
const brokenRules = "groups:\n  - name: drill\n    rules: [\n";

type WayBack = () => Promise<void>;

/** Breaks a stack that belongs to the drill, so that nothing is refused. */
export function stackFaults(controls: StackControls): FaultInjector {
  return { refusal: () => null, inject: (fault) => inject(fault, controls) };
}

async function inject(fault: FaultName, controls: StackControls): Promise<WayBack> {
  const { files, metrics } = controls;
  switch (fault) {
    case "server_down":
      return controls.stopServer();
    case "server_restart":
      await controls.restartServer();
      return async () => undefined;
    case "database_gone":
    case "slow_answers":
    case "storage_unwritable":
      return atOnce(controls.beginServerFault(fault));
    case "security_metrics_gone":
    case "requests_uncounted":
    case "too_many_series":
      return atOnce(metrics.begin(fault));
    case "stored_file_lost":
      return atOnce(hideFiles(controls.storageDirectory));
    case "scrape_job_removed":
      return reloaded(controls, files.removeJob(platformJob));
    case "rule_failing":
      return reloaded(controls, files.addRuleFile("drill-failing.yml", failingRules));
    case "rules_broken":
      return reloaded(controls, files.addRuleFile("drill-broken.yml", brokenRules));
  }
}

function atOnce(goBack: () => void): WayBack {
  return async () => goBack();
}

async function reloaded({ reload }: StackControls, goBack: () => void): Promise<WayBack> {
  await reload();
  return async () => {
    goBack();
    await reload();
  };
}

/** Moves every stored document and copy out of the way; where nothing was stored so far, there is none. */
function hideFiles(storageDirectory: string): () => void {
  const stored = join(storageDirectory, "files");
  if (!existsSync(stored)) return () => undefined;
  const away = mkdtempSync(join(storageDirectory, "drill-"));
  const moved: (readonly [string, string])[] = [];
  for (const folder of readdirSync(stored)) {
    for (const name of readdirSync(join(stored, folder))) {
      const [from, to] = [join(stored, folder, name), join(away, name)];
      renameSync(from, to);
      moved.push([from, to]);
    }
  }
  return () => {
    for (const [from, to] of moved) renameSync(to, from);
  };
}
