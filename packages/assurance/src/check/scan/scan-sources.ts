import { baseName, type ProjectFiles } from "../project-files.ts";
import type { DeclaredMetric } from "./declared-metric.ts";
import { scanJavascript } from "./scan-javascript.ts";
import { scanPython } from "./scan-python.ts";

/** What the code of a project says about its metrics. */
export interface SourceFacts {
  readonly metrics: readonly DeclaredMetric[];
  /** Every word in the code: a label value whose words are not among them is written by nobody. */
  readonly words: ReadonlySet<string>;
  readonly sourceCount: number;
  /** Which libraries bring metrics of their own. */
  readonly libraries: ReadonlySet<string>;
}

const sourceName = /\.(?:[cm]?[jt]sx?|py)$/;
const testFolder = /(?:^|\/)(?:tests?|testing|__tests__)\//;
const testName = /(?:\.(?:test|spec|bench)\.[^.]+$|^test_.*\.py$|_test\.py$|^conftest\.py$|\.d\.[cm]?ts$)/;
const libraryMarks: Readonly<Record<string, RegExp>> = {
  "prom-client defaults": /\bcollectDefaultMetrics\s*\(/,
  prometheus_client: /\b(?:from|import)\s+prometheus_client\b/,
  prometheus_flask_exporter: /\bprometheus_flask_exporter\b/,
  prometheus_fastapi_instrumentator: /\bprometheus_fastapi_instrumentator\b/,
  "express-prom-bundle": /["']express-prom-bundle["']/,
};

/** Reads the sources of a project; tests are none of them. */
export function scanSources(files: ProjectFiles): SourceFacts {
  const metrics: DeclaredMetric[] = [];
  const words = new Set<string>();
  const libraries = new Set<string>();
  let sourceCount = 0;
  for (const path of files.paths) {
    if (!sourceName.test(path) || testName.test(baseName(path)) || testFolder.test(path)) continue;
    const text = files.read(path);
    sourceCount++;
    for (const [word] of text.matchAll(/[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*/g)) words.add(word);
    for (const [library, mark] of Object.entries(libraryMarks)) if (mark.test(text)) libraries.add(library);
    metrics.push(...(path.endsWith(".py") ? scanPython(text, path) : scanJavascript(text, path)));
  }
  return { metrics, words, sourceCount, libraries };
}
