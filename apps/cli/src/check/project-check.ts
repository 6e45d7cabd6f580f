import { type CheckReport, type LiveMetrics, type ProjectFiles, runCheck, type ScanCache } from "@tatou/assurance";
import { NothingToCheckError } from "./errors.ts";
import { type ReadProject, readProject, type TextCache } from "./read-project.ts";

export interface ProjectCheckOptions {
  readonly live: LiveMetrics | null;
  /** In the place of the project's own `monitoring`. */
  readonly monitoringDirectory: string | undefined;
}

/** One project that is checked again and again: what did not change is neither read nor scanned again. */
export class ProjectCheck {
  readonly path: string;
  readonly #options: ProjectCheckOptions;
  readonly #texts: TextCache = new Map();
  readonly #scanned: ScanCache = new Map();

  constructor(path: string, options: ProjectCheckOptions) {
    this.path = path;
    this.#options = options;
  }

  /** The files as they are now. @throws {TooManyFilesError} */
  files(): ReadProject {
    const { monitoringDirectory } = this.#options;
    return readProject(this.path, {
      cache: this.#texts,
      ...(monitoringDirectory !== undefined && { monitoringDirectory }),
    });
  }

  /** @throws {NothingToCheckError} */
  run(files: ProjectFiles): CheckReport {
    const report = runCheck(files, { live: this.#options.live, scanned: this.#scanned });
    if (isAboutNothing(report)) throw new NothingToCheckError(this.path);
    return report;
  }
}

/** Silence about a directory without rules and dashboards would look like praise. */
function isAboutNothing({ counts, findings }: CheckReport): boolean {
  const { alerts, recordingRules, panels } = counts;
  return alerts + recordingRules + panels === 0 && findings.every(({ severity }) => severity === "info");
}
