import type { PrometheusConfig } from "@tatou/config";
import type { VectorSelector } from "@tatou/promql";
import type { MetricCatalog } from "./metric-catalog.ts";
import type { Project } from "./project.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { AlertFacts, RuleFacts } from "./rule-facts.ts";
import type { DeclaredMetric } from "./scan/declared-metric.ts";

/** What the single checks look things up in. */
export interface CheckContext {
  readonly files: ProjectFiles;
  readonly project: Project;
  readonly prometheus: PrometheusConfig | null;
  readonly catalog: MetricCatalog;
  readonly rules: readonly RuleFacts[];
  readonly alerts: readonly AlertFacts[];
  /** All words of the code and of what targets say; null when there is no code to look at. */
  readonly words: ReadonlySet<string> | null;
  /** The values of the label `job`; null when relabelling or federation may make others. */
  readonly jobs: ReadonlySet<string> | null;
  /** The values of labels that targets show, where nothing else tells which there are; null where the code does. */
  readonly liveValues: ReadonlyMap<string, ReadonlySet<string>> | null;
  /** The declared metrics that have a series per address or person. */
  readonly addressedMetrics: readonly DeclaredMetric[];
  /** The metrics that expressions read, gathered on the way. */
  readonly readMetrics: Set<string>;
  /** The selectors that no series can satisfy, gathered on the way. */
  readonly deadSelectors: Set<VectorSelector>;
}
