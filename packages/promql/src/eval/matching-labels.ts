import { type Labels, labelsKey, onlyLabels, withoutLabels } from "@tatou/model";
import type { VectorMatching } from "../parser/ast.ts";

/** The signature of a series: equal for two series exactly when their matching labels are. */
export function signatureOf(labels: Labels, matching: VectorMatching): string {
  return labelsKey(matchingLabels(labels, matching));
}

/** The labels two elements must share to meet; never the metric name unless it is asked for. */
export function matchingLabels(labels: Labels, matching: VectorMatching): Labels {
  return matching.on ? onlyLabels(labels, matching.labels) : withoutLabels(labels, ["__name__", ...matching.labels]);
}
