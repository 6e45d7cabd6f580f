import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { StorageFeatures } from "@tatou/engine";
import type { FeatureOptions } from "@tatou/promql";
import { featuresOf, isPromqlFeature, promqlFeatureNames } from "./promql-features.ts";

/** Prometheus' names for parts of the storage that are off by default. */
const storageFeatureNames = ["exemplar-storage", "created-timestamp-zero-ingestion"];

/** What a Prometheus may be started with and what changes nothing here: always on, or a way to be faster. */
const withoutEffect = new Set([
  "native-histograms",
  "concurrent-rule-eval",
  "memory-snapshot-on-shutdown",
  "delayed-compaction",
  "fast-startup",
  "use-uncached-io",
  "auto-gomaxprocs",
  "auto-gomemlimit",
]);

const known = [...promqlFeatureNames, ...storageFeatureNames];

/** What `--enable-feature` of the engine is made of. */
export const engineFeatureOption = [
  "--enable-feature <names>",
  `parts that are off otherwise: ${known.join(", ")}`,
  addFeatures,
  [] as readonly string[],
] as const;

/** The features as the parts of the engine call them. */
export function engineFeaturesOf(names: readonly string[]): {
  readonly promql: FeatureOptions;
  readonly storage: StorageFeatures;
  readonly withoutEffect: readonly string[];
} {
  return {
    promql: featuresOf(names.filter(isPromqlFeature)),
    storage: {
      hasExemplars: names.includes("exemplar-storage"),
      injectsZeros: names.includes("created-timestamp-zero-ingestion"),
    },
    withoutEffect: names.filter((name) => withoutEffect.has(name)),
  };
}

function addFeatures(text: string, before: readonly string[]): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!known.includes(name) && !withoutEffect.has(name))
      throw new InvalidArgumentError(`Unknown feature "${name}", expected one of ${known.join(", ")}.`);
  }
  return [...before, ...names];
}
