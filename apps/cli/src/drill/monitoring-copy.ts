import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withoutScrapeJob, withReceiversAtInbox, withRuleFile } from "@tatou/assurance";

export interface MonitoringCopyOptions {
  /** Holds prometheus.yml and alertmanager.yml. */
  readonly source: string;
  /** Is made. */
  readonly directory: string;
  /** Leaves the receivers as they are: people are told. */
  readonly isLive: boolean;
}

const inboxUrl = "http://inbox:9094/";
const prometheusFile = "prometheus.yml";
const alertmanagerFile = "alertmanager.yml";

/**
 * Monitoring files for a stack of a drill's own: what they lead to is the original's, and the two files that a drill
 * changes are copies. The original is never written to.
 */
export class MonitoringCopy {
  readonly directory: string;
  readonly #prometheusText: string;
  readonly #removedJobs = new Set<string>();
  readonly #ruleFiles = new Set<string>();

  /** @throws the system's error when the files cannot be read */
  constructor({ source, directory, isLive }: MonitoringCopyOptions) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    // Paths in the files are relative to them.
    for (const name of readdirSync(source)) {
      if (name !== prometheusFile && name !== alertmanagerFile)
        symlinkSync(resolve(source, name), join(directory, name));
    }
    const alertmanager = readFileSync(join(source, alertmanagerFile), "utf8");
    const receivers = isLive ? alertmanager : withReceiversAtInbox(alertmanager, inboxUrl);
    writeFileSync(join(directory, alertmanagerFile), receivers);
    this.#prometheusText = readFileSync(join(source, prometheusFile), "utf8");
    this.#write();
  }

  /** Gives the way back; both take force when the engine reads its files again. */
  removeJob(jobName: string): () => void {
    this.#removedJobs.add(jobName);
    this.#write();
    return () => {
      this.#removedJobs.delete(jobName);
      this.#write();
    };
  }

  /** Gives the way back, as above. */
  addRuleFile(name: string, text: string): () => void {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    this.#ruleFiles.add(path);
    this.#write();
    return () => {
      this.#ruleFiles.delete(path);
      rmSync(path);
      this.#write();
    };
  }

  #write(): void {
    let text = this.#prometheusText;
    for (const jobName of this.#removedJobs) text = withoutScrapeJob(text, jobName);
    for (const path of this.#ruleFiles) text = withRuleFile(text, path);
    writeFileSync(join(this.directory, prometheusFile), text);
  }
}
