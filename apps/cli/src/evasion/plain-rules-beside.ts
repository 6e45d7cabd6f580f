import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { plainRuleFile, withRuleFile } from "@tatou/assurance";

const configFile = "prometheus.yml";

/** Runs work on monitoring files that lead to the originals, with the plain rules beside the pack's. */
export async function withPlainRules<T>(
  monitoringDirectory: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "tatou-evasion-"));
  try {
    for (const name of readdirSync(monitoringDirectory)) {
      if (name !== configFile) symlinkSync(resolve(monitoringDirectory, name), join(directory, name));
    }
    const ruleFile = join(directory, "plain.rules.yml");
    writeFileSync(ruleFile, plainRuleFile());
    const text = readFileSync(join(monitoringDirectory, configFile), "utf8");
    writeFileSync(join(directory, configFile), withRuleFile(text, ruleFile));
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
