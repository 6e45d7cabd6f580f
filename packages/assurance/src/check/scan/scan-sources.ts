import { baseName, type ProjectFiles } from "../project-files.ts";
import type { DeclaredMetric } from "./declared-metric.ts";
import { scanJavascript } from "./scan-javascript.ts";
import { scanPython } from "./scan-python.ts";
import { type SecretDefault, scanSecretDefaults } from "./scan-secrets.ts";

/** What the code of a project says about its metrics. */
export interface SourceFacts {
  readonly metrics: readonly DeclaredMetric[];
  /** Every word in the code: a label value whose words are not among them is written by nobody. */
  readonly words: ReadonlySet<string>;
  readonly sourceCount: number;
  /** Which libraries bring metrics of their own. */
  readonly libraries: ReadonlySet<string>;
  readonly secretDefaults: readonly SecretDefault[];
}

/** What was found in each file, for the next time: a file with the same text is not read again. */
export type ScanCache = Map<string, { readonly text: string; readonly facts: FileFacts }>;

interface FileFacts {
  readonly metrics: readonly DeclaredMetric[];
  readonly words: readonly string[];
  readonly libraries: readonly string[];
  readonly secretDefaults: readonly SecretDefault[];
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
export function scanSources(files: ProjectFiles, cache: ScanCache = new Map()): SourceFacts {
  const all: FileFacts[] = [];
  for (const path of files.paths) {
    if (!sourceName.test(path) || testName.test(baseName(path)) || testFolder.test(path)) continue;
    const text = files.read(path);
    const known = cache.get(path);
    const facts = known?.text === text ? known.facts : scanFile(text, path);
    if (facts !== known?.facts) cache.set(path, { text, facts });
    all.push(facts);
  }
  const words = new Set<string>();
  for (const facts of all) for (const word of facts.words) words.add(word);
  return {
    metrics: all.flatMap(({ metrics }) => metrics),
    words,
    sourceCount: all.length,
    libraries: new Set(all.flatMap(({ libraries }) => libraries)),
    secretDefaults: all.flatMap(({ secretDefaults }) => secretDefaults),
  };
}

function scanFile(text: string, path: string): FileFacts {
  const isPython = path.endsWith(".py");
  return {
    metrics: isPython ? scanPython(text, path) : scanJavascript(text, path),
    words: [...new Set(text.match(/[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*/g))],
    libraries: Object.entries(libraryMarks).flatMap(([library, mark]) => (mark.test(text) ? [library] : [])),
    secretDefaults: scanSecretDefaults(text, path, isPython ? "python" : "javascript"),
  };
}
