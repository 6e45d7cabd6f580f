import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { FeatureOptions } from "@tatou/promql";

/** Prometheus' names for parts of PromQL that are off by default, and ours. */
const featureNames = {
  "promql-experimental-functions": "experimentalFunctions",
  "promql-duration-expr": "durationExpr",
  "promql-extended-range-selectors": "extendedRangeSelectors",
  "promql-binop-fill-modifiers": "binopFillModifiers",
  "promql-delayed-name-removal": "delayedNameRemoval",
} as const satisfies Readonly<Record<string, keyof FeatureOptions>>;
export type FeatureName = keyof typeof featureNames;

export function isPromqlFeature(name: string): name is FeatureName {
  return name in featureNames;
}

export const promqlFeatureNames = Object.keys(featureNames) as readonly FeatureName[];

/** What `--enable-feature` of a command is made of. */
export const featureOption = [
  "--enable-feature <names>",
  `parts of PromQL that are off otherwise: ${promqlFeatureNames.join(", ")}`,
  addFeatures,
  [] as readonly FeatureName[],
] as const;

/** The features as the parts of PromQL call them. */
export function featuresOf(names: readonly FeatureName[]): FeatureOptions {
  return Object.fromEntries(names.map((name) => [featureNames[name], true]));
}

function addFeatures(text: string, before: readonly FeatureName[]): readonly FeatureName[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!isPromqlFeature(name)) {
      throw new InvalidArgumentError(`Unknown feature "${name}", expected one of ${promqlFeatureNames.join(", ")}.`);
    }
  }
  return [...before, ...(names as FeatureName[])];
}
