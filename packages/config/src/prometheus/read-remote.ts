import { isReservedHeader, readHttpClient } from "../http/read-http-client.ts";
import { relabelRules } from "../relabel/read-relabel-rule.ts";
import { type Fields, fault, type Located, mapOf, positionOf, readFields } from "../yaml/fields.ts";
import { boolean, durationMs, integer, text, url } from "../yaml/scalars.ts";
import type { RemoteReadConfig, RemoteWriteConfig, RemoteWriteQueueConfig } from "./prometheus-config.ts";
import type { NameValidationScheme } from "./scrape-config.ts";

export function readRemoteWrite(at: Located, scheme: NameValidationScheme): RemoteWriteConfig | undefined {
  return readFields(at, (fields) => {
    const emptyRule = "empty or null relabeling rule in remote write config";
    const httpClient = readHttpClient(fields, { enableHttp2: false });
    refuseForeignCredentials(fields);
    return {
      position: positionOf(at),
      url: readUrl(fields, "remote_write"),
      name: fields.get("name", text) ?? "",
      remoteTimeoutMs: fields.get("remote_timeout", durationMs) ?? 30_000,
      protobufMessage: fields.get("protobuf_message", protobufMessage) ?? "prometheus.WriteRequest",
      headers: fields.get("headers", readRemoteHeaders) ?? {},
      writeRelabelConfigs: fields.get("write_relabel_configs", relabelRules(scheme, emptyRule)) ?? [],
      sendExemplars: fields.get("send_exemplars", boolean) ?? false,
      sendNativeHistograms: fields.get("send_native_histograms", boolean) ?? false,
      roundRobinDns: fields.get("round_robin_dns", boolean) ?? false,
      httpClient,
      queue: fields.get("queue_config", readQueue) ?? queueDefaults,
      metadata: fields.get("metadata_config", readMetadata) ?? metadataDefaults,
    };
  });
}

export function readRemoteRead(at: Located): RemoteReadConfig | undefined {
  return readFields(at, (fields) => ({
    position: positionOf(at),
    url: readUrl(fields, "remote_read"),
    name: fields.get("name", text) ?? "",
    remoteTimeoutMs: fields.get("remote_timeout", durationMs) ?? 60_000,
    headers: fields.get("headers", readRemoteHeaders) ?? {},
    readRecent: fields.get("read_recent", boolean) ?? false,
    chunkedReadLimitBytes: fields.get("chunked_read_limit", integer()) ?? 50_000_000,
    requiredMatchers: fields.get("required_matchers", mapOf(text)) ?? {},
    filterExternalLabels: fields.get("filter_external_labels", boolean) ?? true,
    httpClient: readHttpClient(fields, { enableHttp2: true }),
  }));
}

function readUrl(fields: Fields, section: string): string {
  const node = fields.value("url")?.node;
  if (node === undefined || node.kind === "null") fields.fault(`url for ${section} is empty`, "url");
  return fields.get("url", url) ?? "";
}

/** The ways of cloud providers to sign a request: valid in the file, not built in. */
function refuseForeignCredentials(fields: Fields): void {
  for (const key of ["sigv4", "azuread", "google_iam"])
    if (fields.has(key))
      fields.fault("requests are not signed this way here, expected basic_auth, authorization or oauth2", key);
}

function readRemoteHeaders(at: Located): Readonly<Record<string, string>> | undefined {
  const headers = mapOf(text)(at);
  for (const name of Object.keys(headers ?? {})) {
    if (name.toLowerCase() === "authorization")
      fault(
        at,
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter",
      );
    else if (isReservedHeader(name)) fault(at, `${name} is a reserved header. It must not be changed`);
  }
  return headers;
}

function protobufMessage(at: Located): RemoteWriteConfig["protobufMessage"] | undefined {
  const written = text(at);
  switch (written) {
    case undefined:
    case "prometheus.WriteRequest":
    case "io.prometheus.write.v2.Request":
      return written;
    default: {
      const expected = "supported: prometheus.WriteRequest, io.prometheus.write.v2.Request";
      return fault(
        at,
        `invalid protobuf_message value: unknown type for remote write protobuf message ${written}, ${expected}`,
      );
    }
  }
}

const queueDefaults: RemoteWriteQueueConfig = {
  capacity: 10_000,
  maxShards: 50,
  minShards: 1,
  maxSamplesPerSend: 2000,
  batchSendDeadlineMs: 5000,
  minBackoffMs: 30,
  maxBackoffMs: 5000,
  retryOnRateLimit: false,
  sampleAgeLimitMs: 0,
};

function readQueue(at: Located): RemoteWriteQueueConfig | undefined {
  return readFields(at, (fields) => {
    const count = (key: string, byDefault: number) => fields.get(key, integer()) ?? byDefault;
    const time = (key: string, byDefault: number) => fields.get(key, durationMs) ?? byDefault;
    const queue: RemoteWriteQueueConfig = {
      capacity: count("capacity", queueDefaults.capacity),
      maxShards: count("max_shards", queueDefaults.maxShards),
      minShards: count("min_shards", queueDefaults.minShards),
      maxSamplesPerSend: count("max_samples_per_send", queueDefaults.maxSamplesPerSend),
      batchSendDeadlineMs: time("batch_send_deadline", queueDefaults.batchSendDeadlineMs),
      minBackoffMs: time("min_backoff", queueDefaults.minBackoffMs),
      maxBackoffMs: time("max_backoff", queueDefaults.maxBackoffMs),
      retryOnRateLimit: fields.get("retry_on_http_429", boolean) ?? queueDefaults.retryOnRateLimit,
      sampleAgeLimitMs: time("sample_age_limit", queueDefaults.sampleAgeLimitMs),
    };
    if (queue.maxSamplesPerSend === 0) fields.fault("found 0, expected at least 1", "max_samples_per_send");
    if (queue.minShards === 0) fields.fault("found 0, expected at least 1", "min_shards");
    if (queue.maxShards < queue.minShards)
      fields.fault(`found ${queue.maxShards}, expected at least min_shards, which is ${queue.minShards}`, "max_shards");
    if (queue.maxBackoffMs < queue.minBackoffMs)
      fields.fault(
        `found ${queue.maxBackoffMs} ms, expected at least min_backoff, which is ${queue.minBackoffMs} ms`,
        "max_backoff",
      );
    return queue;
  });
}

const metadataDefaults = { send: true, sendIntervalMs: 60_000, maxSamplesPerSend: 2000 };

function readMetadata(at: Located): RemoteWriteConfig["metadata"] | undefined {
  return readFields(at, (fields) => ({
    send: fields.get("send", boolean) ?? metadataDefaults.send,
    sendIntervalMs: fields.get("send_interval", durationMs) ?? metadataDefaults.sendIntervalMs,
    maxSamplesPerSend: fields.get("max_samples_per_send", integer()) ?? metadataDefaults.maxSamplesPerSend,
  }));
}
