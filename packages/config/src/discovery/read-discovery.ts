import { readHttpClient } from "../http/read-http-client.ts";
import type {
  DiscoveryConfig,
  DnsDiscoveryConfig,
  FileDiscoveryConfig,
  HttpDiscoveryConfig,
  StaticTargetGroup,
  UnsupportedDiscovery,
} from "../prometheus/scrape-config.ts";
import {
  type Fields,
  fault,
  type Located,
  listOf,
  listWithoutEmpty,
  mapOf,
  positionOf,
  readFields,
} from "../yaml/fields.ts";
import { parseGoUrl } from "../yaml/go-url.ts";
import { durationMs, integer, path, text, url } from "../yaml/scalars.ts";
import { checkUnsupportedDiscovery, unsupportedDiscoveryKinds } from "./unsupported-discovery.ts";

/** Reads every *_sd_configs and static_configs key out of the map they stand in. */
export function readDiscovery(fields: Fields): DiscoveryConfig {
  const empty = "empty or null section";
  return {
    staticConfigs: (
      fields.get("static_configs", listWithoutEmpty(readTargetGroup, `${empty} in static_configs`)) ?? []
    ).map((group, index) => ({ ...group, source: String(index) })),
    fileSdConfigs:
      fields.get("file_sd_configs", listWithoutEmpty(readFileDiscovery, `${empty} in file_sd_configs`)) ?? [],
    httpSdConfigs:
      fields.get("http_sd_configs", listWithoutEmpty(readHttpDiscovery, `${empty} in http_sd_configs`)) ?? [],
    dnsSdConfigs: fields.get("dns_sd_configs", listWithoutEmpty(readDnsDiscovery, `${empty} in dns_sd_configs`)) ?? [],
    unsupportedDiscovery: unsupportedDiscoveryKinds.flatMap((kind) => readUnsupported(fields, kind)),
  };
}

/** Refuses URLs in target lists, which Prometheus does when no relabelling could repair them. */
export function refuseUrlTargets(fields: Fields): void {
  fields.get(
    "static_configs",
    listOf((at) => refuseUrlsOfGroup(at)),
  );
}

function refuseUrlsOfGroup(at: Located): undefined {
  if (at.node.kind !== "map") return undefined;
  const targets = at.node.entries.get("targets")?.value;
  if (targets?.kind !== "list") return undefined;
  targets.items.forEach((node, index) => {
    if (node.kind !== "scalar" || !node.text.includes("/")) return;
    const place: Located = { ...at, path: `${at.path}.targets[${index}]`, node };
    fault(
      place,
      `${JSON.stringify(node.text)} is not a valid hostname`,
      "Write host:port; scheme and path have keys of their own",
    );
  });
  return undefined;
}

/** One group of static_configs or of a discovery file. */
export function readTargetGroup(at: Located): Omit<StaticTargetGroup, "source"> | undefined {
  return readFields(at, (fields) => ({
    targets: fields.get("targets", listOf(text)) ?? [],
    labels: fields.get("labels", labelSet) ?? {},
  }));
}

/** Label names to values; names are any UTF-8 text but the empty one. */
export function labelSet(at: Located): Readonly<Record<string, string>> | undefined {
  const labels = mapOf(text)(at);
  if (labels !== undefined && "" in labels) return fault(at, '"" is not a valid label name');
  return labels;
}

const fileNamePattern = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;

function readFileDiscovery(at: Located): FileDiscoveryConfig | undefined {
  return readFields(at, (fields) => {
    const files = fields.get("files", listOf(path)) ?? [];
    if (files.length === 0) fields.fault("file service discovery config must contain at least one path name");
    const bad = files.find((file) => !fileNamePattern.test(file));
    if (bad !== undefined) fields.fault(`path name ${JSON.stringify(bad)} is not valid for file discovery`, "files");
    return { files, refreshIntervalMs: fields.get("refresh_interval", durationMs) ?? 300_000 };
  });
}

function readHttpDiscovery(at: Located): HttpDiscoveryConfig | undefined {
  return readFields(at, (fields) => {
    const written = fields.get("url", url) ?? "";
    if (written === "") fields.fault("URL is missing", "url");
    else {
      const { scheme, host } = parseGoUrl(written);
      if (scheme !== "http" && scheme !== "https") fields.fault("URL scheme must be 'http' or 'https'", "url");
      else if (host === "") fields.fault("host is missing in URL", "url");
    }
    return {
      url: written,
      refreshIntervalMs: fields.get("refresh_interval", durationMs) ?? 60_000,
      httpClient: readHttpClient(fields, { enableHttp2: true }),
    };
  });
}

const recordTypes = ["A", "AAAA", "SRV", "MX", "NS"] as const;

function readDnsDiscovery(at: Located): DnsDiscoveryConfig | undefined {
  return readFields(at, (fields) => {
    const names = fields.get("names", listOf(text)) ?? [];
    if (names.length === 0) fields.fault("DNS-SD config must contain at least one SRV record name");
    const written = fields.get("type", text) ?? "SRV";
    const type = recordTypes.find((each) => each === written.toUpperCase());
    if (type === undefined) fields.fault(`invalid DNS-SD records type ${written}`, "type");
    const port = fields.get("port", integer(0, 65_535)) ?? 0;
    if (port === 0 && type !== undefined && type !== "SRV")
      fields.fault("a port is required in DNS-SD configs for all record types except SRV");
    return {
      names,
      type: type ?? "SRV",
      port,
      refreshIntervalMs: fields.get("refresh_interval", durationMs) ?? 30_000,
    };
  });
}

function readUnsupported(fields: Fields, kind: string): readonly UnsupportedDiscovery[] {
  const read = (at: Located) => {
    readFields(at, (inner) => checkUnsupportedDiscovery(kind, inner));
    return { kind, position: positionOf(at) };
  };
  return fields.get(kind, listWithoutEmpty(read, `empty or null section in ${kind}`)) ?? [];
}
