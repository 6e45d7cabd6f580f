import { type JsonObject, textOf } from "../json.ts";
import { upgradeGraph } from "./upgrade-graph.ts";
import { upgradeSingleStat } from "./upgrade-single-stat.ts";
import { upgradeOldTable } from "./upgrade-table.ts";
import type { UpgradedPanel } from "./upgraded-panel.ts";

/** Turns panel kinds that Grafana has dropped into their successors; others pass unchanged. */
export function upgradePanel(panel: JsonObject): UpgradedPanel {
  switch (textOf(panel.type)) {
    case "graph":
      return upgradeGraph(panel);
    case "singlestat":
    case "grafana-singlestat-panel":
      return upgradeSingleStat(panel);
    case "table-old":
      return upgradeOldTable(panel);
    case "table":
      return Array.isArray(panel.styles) ? upgradeOldTable(panel) : { panel, lacks: [] };
    case "grafana-piechart-panel":
      return {
        panel: { ...panel, type: "piechart", options: { pieType: panel.pieType, legend: { showLegend: true } } },
        lacks: [],
      };
    case "text":
      // Before version 7.5 the text stood in the panel itself.
      return panel.options === undefined
        ? { panel: { ...panel, options: { mode: panel.mode, content: panel.content } }, lacks: [] }
        : { panel, lacks: [] };
    default:
      return { panel, lacks: [] };
  }
}
