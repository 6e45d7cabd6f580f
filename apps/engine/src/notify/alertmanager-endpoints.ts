import type { AlertmanagerTargetConfig } from "@tatou/config";
import { type Labels, labelsOf, labelValue, relabel } from "@tatou/model";
import { md5 } from "./md5.ts";

/** Where the alerts of one entry of alerting.alertmanagers go: its targets after relabelling, each once. */
export function alertmanagerUrls(config: AlertmanagerTargetConfig): readonly string[] {
  const urls = new Set<string>();
  for (const group of config.discovery.staticConfigs) {
    for (const address of group.targets) {
      const discovered = labelsOf({
        ...group.labels,
        __address__: address,
        __scheme__: config.scheme,
        __alerts_path__: `${config.pathPrefix.replace(/\/$/, "")}/api/v2/alerts`,
      });
      const labels = relabel(discovered, config.relabelConfigs, md5);
      if (labels !== null && labelValue(labels, "__address__") !== "") urls.add(urlOf(labels));
    }
  }
  return [...urls];
}

function urlOf(labels: Labels): string {
  const path = labelValue(labels, "__alerts_path__");
  return `${labelValue(labels, "__scheme__")}://${labelValue(labels, "__address__")}${path.startsWith("/") ? "" : "/"}${path}`;
}
