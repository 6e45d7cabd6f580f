import { escapeHtml, sendPage } from "@tatou/http";
import { formatLabels, labelValue, withoutLabels } from "@tatou/model";
import type { RuleManager } from "@tatou/rules";
import type { ScrapeManager } from "@tatou/scrape";
import type { FastifyInstance } from "fastify";

interface PageRouteContext {
  readonly scrapes: ScrapeManager;
  readonly rules: RuleManager;
}

/**
 * The pages. Targets and alerts stand in the HTML itself, so that curl and a browser without scripts show them; the
 * scripts then draw the page anew and keep it fresh.
 */
export function addPageRoutes(app: FastifyInstance, { scrapes, rules }: PageRouteContext): void {
  app.get("/", (_request, reply) => sendPage(reply, { page: "engine.html", title: "Query · Tatou" }));
  app.get("/query", (_request, reply) => sendPage(reply, { page: "engine.html", title: "Query · Tatou" }));
  // The links in notifications lead here, as those of older Prometheus servers do; what is asked stands behind the "?".
  app.get("/graph", (request, reply) => reply.redirect(request.url.replace(/^[^?]*/, "/query"), 302));
  app.get("/rules", (_request, reply) => sendPage(reply, { page: "engine.html", title: "Recording rules · Tatou" }));
  app.get("/targets", (_request, reply) =>
    sendPage(reply, { page: "engine.html", title: "Targets · Tatou", rootHtml: targetsHtml(scrapes) }),
  );
  app.get("/alerts", (_request, reply) =>
    sendPage(reply, { page: "engine.html", title: "Alerts · Tatou", rootHtml: alertsHtml(rules) }),
  );
}

function targetsHtml(scrapes: ScrapeManager): string {
  const rows = scrapes
    .activeTargets()
    .map((target) =>
      row([target.scrapePool, target.url, target.health.toUpperCase(), formatLabels(target.labels), target.lastError]),
    );
  return table("Targets", ["Scrape pool", "Endpoint", "State", "Labels", "Error"], rows);
}

function alertsHtml(rules: RuleManager): string {
  const rows = rules.groups().flatMap((group) =>
    group.rules.flatMap((rule) => {
      if (rule.kind !== "alerting") return [];
      const active = rule.alerts.map((alert) =>
        row([
          labelValue(alert.labels, "alertname"),
          alert.state,
          formatLabels(withoutLabels(alert.labels, ["alertname"])),
          String(alert.value),
        ]),
      );
      return active.length > 0 ? active : [row([rule.name, rule.state, formatLabels(rule.labels), ""])];
    }),
  );
  return table("Alerts", ["Alert", "State", "Labels", "Value"], rows);
}

function table(caption: string, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((text) => `<th>${escapeHtml(text)}</th>`).join("");
  return `<table>\n<caption>${escapeHtml(caption)}</caption>\n<tr>${head}</tr>\n${rows.join("\n")}\n</table>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`;
}
