import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseDashboard } from "./index.ts";

const folder = resolve(import.meta.dirname, "../../../monitoring/grafana/dashboards");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

test.each(files)("%s draws every panel, each in a place of its own", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const dashboard = parseDashboard(text);
  expect(dashboard.uid).toBe(file.replace(".json", ""));
  expect(dashboard.lacks).toEqual([]);
  const panels = dashboard.rows.flatMap((row) => row.panels);
  expect(panels.flatMap((panel) => panel.lacks)).toEqual([]);
  expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ grid }) =>
    Array.from(
      { length: grid.w * grid.h },
      (_, cell) => `${grid.x + (cell % grid.w)}/${grid.y + Math.floor(cell / grid.w)}`,
    ),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test("the security overview asks what it promises, of the data source by uid", () => {
  const dashboard = parseDashboard(readFileSync(join(folder, "security_overview.json"), "utf8"));
  expect([dashboard.timeRange, dashboard.refresh]).toEqual([{ from: "now-1h", to: "now" }, "10s"]);
  const panels = dashboard.rows.flatMap((row) => row.panels);
  expect(panels.every((panel) => panel.datasource === "prometheus")).toBe(true);
  expect(panels.map((panel) => [panel.view.kind, panel.targets.map((target) => target.expression).join()])).toEqual([
    ["stat", 'sum by (severity) (ALERTS{alertstate="firing",alertname!="Watchdog"})'],
    ["timeseries", "sum(rate(auth_failures_total[$__rate_interval]))"],
    ["stat", 'up{job="tatou-app"}'],
    ["table", 'ALERTS{alertstate="firing"}'],
    ["timeseries", "sum by (severity) (rate(security_events_total[$__rate_interval]))"],
    ["bargauge", "topk(10, sum by (event_type) (increase(security_events_total[1h])))"],
    ["table", "topk(10, sum by (client_ip) (increase(auth_failures_total[1h])))"],
    ["stat", "sum(increase(sql_errors_total[15m]))"],
    ["stat", "sum(increase(pdf_parser_errors_total[15m]))"],
    ["stat", "sum(increase(rmap_handshake_failures_total[15m]))"],
    ["timeseries", "sum by (error_type) (rate(file_upload_errors_total[$__rate_interval]))"],
    ["timeseries", "count(client_ip:auth_failures:count5m > 0)"],
  ]);
});
