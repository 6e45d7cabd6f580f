import { readDiscovery, refuseUrlTargets } from "../discovery/read-discovery.ts";
import { readHttpClient } from "../http/read-http-client.ts";
import { relabelRules } from "../relabel/read-relabel-rule.ts";
import { fault, type Located, listWithoutEmpty, positionOf, readFields } from "../yaml/fields.ts";
import { durationMs, oneOf, text } from "../yaml/scalars.ts";
import type { AlertingConfig, AlertmanagerTargetConfig } from "./prometheus-config.ts";
import type { NameValidationScheme } from "./scrape-config.ts";

export function readAlerting(at: Located, scheme: NameValidationScheme): AlertingConfig | undefined {
  const alertmanagers = listWithoutEmpty(
    (item) => readAlertmanager(item, scheme),
    "empty or null alertmanager config section",
  );
  return readFields(at, (fields) => ({
    alertRelabelConfigs:
      fields.get("alert_relabel_configs", relabelRules(scheme, "empty or null alert relabeling rule")) ?? [],
    alertmanagers: fields.get("alertmanagers", alertmanagers) ?? [],
  }));
}

function readAlertmanager(at: Located, scheme: NameValidationScheme): AlertmanagerTargetConfig | undefined {
  return readFields(at, (fields) => {
    const rules = (key: string, kind: string) =>
      fields.get(key, relabelRules(scheme, `empty or null Alertmanager ${kind} relabeling rule`)) ?? [];
    const relabelConfigs = rules("relabel_configs", "target");
    const httpClient = readHttpClient(fields, { enableHttp2: true });
    if (fields.has("sigv4")) {
      if (httpClient.credentials !== null)
        fields.fault("at most one of basic_auth, authorization, oauth2, & sigv4 must be configured");
      else fields.fault("requests are not signed for AWS here, expected basic_auth, authorization or oauth2", "sigv4");
    }
    const config: AlertmanagerTargetConfig = {
      position: positionOf(at),
      scheme: fields.get("scheme", oneOf(["http", "https"])) ?? "http",
      pathPrefix: fields.get("path_prefix", text) ?? "",
      timeoutMs: fields.get("timeout", durationMs) ?? 10_000,
      apiVersion: fields.get("api_version", apiVersion) ?? "v2",
      httpClient,
      discovery: readDiscovery(fields),
      relabelConfigs,
      alertRelabelConfigs: rules("alert_relabel_configs", "alert"),
    };
    if (relabelConfigs.length === 0) refuseUrlTargets(fields);
    return config;
  });
}

function apiVersion(at: Located): "v2" | undefined {
  const written = text(at);
  if (written === "v2" || written === undefined) return written;
  return fault(at, `expected Alertmanager api version to be one of [v2] but got ${written}`);
}
