export { ScrapeError, type ScrapeErrorCode } from "./errors.ts";
export type { BodyTally, ScrapeFeatures } from "./loop/append-body.ts";
export type { MetricDescription } from "./loop/metric-metadata.ts";
export type { ScrapeOutcome, TargetHealth, TargetState } from "./loop/scrape-loop.ts";
export {
  type ActiveTarget,
  type DroppedTarget,
  ScrapeManager,
  type ScrapeManagerOptions,
  type TargetMetadata,
} from "./scrape-manager.ts";
export type { PoolTransport } from "./scrape-pool.ts";
export type { Target } from "./target/target.ts";
