import { labelValue } from "@tatou/model";
import type { RuleManager } from "@tatou/rules";
import type { ScrapeManager } from "@tatou/scrape";
import type { FastifyInstance } from "fastify";
import type { EngineStorage } from "../storage/engine-storage.ts";

export interface SummaryContext {
  readonly scrapes: ScrapeManager;
  readonly rules: RuleManager;
  readonly storage: EngineStorage;
}

/** /api/tatou/v1/summary: what one line on a terminal says about the whole. */
export function addSummaryRoute(app: FastifyInstance, { scrapes, rules, storage }: SummaryContext): void {
  app.get("/api/tatou/v1/summary", () => {
    const targets = scrapes.activeTargets();
    const alerts = rules.alerts().filter((alert) => labelValue(alert.labels, "alertname") !== "Watchdog");
    const firing = alerts.filter((alert) => alert.state === "firing");
    return {
      targetsUp: targets.filter((target) => target.health === "up").length,
      targetCount: targets.length,
      seriesCount: storage.tsdb.stats().seriesCount,
      isDurable: storage.tsdb.health().durable,
      firing: [...new Set(firing.map((alert) => labelValue(alert.labels, "alertname")))],
      pendingCount: alerts.length - firing.length,
    };
  });
}
