import { join } from "node:path";
import { plainRuleFile } from "@tatou/assurance";
import { MonitoringCopy } from "../drill/monitoring-copy.ts";
import { TemporaryDirectory } from "../drill/temporary-directory.ts";

/** Runs work on monitoring files that lead to the originals, with the plain rules beside the pack's. */
export async function withPlainRules<T>(source: string, work: (directory: string) => Promise<T>): Promise<T> {
  const place = new TemporaryDirectory("tatou-evasion-");
  try {
    const files = new MonitoringCopy({ source, directory: join(place.path, "monitoring"), isLive: true });
    files.addRuleFile("plain.rules.yml", plainRuleFile());
    return await work(files.directory);
  } finally {
    place.remove();
  }
}
