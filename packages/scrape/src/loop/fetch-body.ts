import { STATUS_CODES } from "node:http";
import type { ScrapeConfig, ScrapeProtocol } from "@tatou/config";
import { type ExpositionFormat, formatOfContentType } from "@tatou/exposition";
import { bodySizeMaxBytesDefault, type HttpRequest, type HttpTransport, HttpTransportError } from "@tatou/model";
import { ScrapeError } from "../errors.ts";
import type { Target } from "../target/target.ts";

/** The metrics a target answered with. */
export interface ScrapedBody {
  readonly bytes: Uint8Array;
  readonly format: ExpositionFormat;
  /** Gives the memory of the bytes back; they are not read afterwards. */
  readonly release?: (() => void) | undefined;
}

/**
 * Asks a target for its metrics.
 * @param request see `scrapeRequest`
 * @throws {HttpTransportError} no answer came
 * @throws {ScrapeError} the answer is none to read
 */
export async function fetchBody(
  request: HttpRequest,
  config: ScrapeConfig,
  { transport, signal }: { readonly transport: HttpTransport; readonly signal: AbortSignal },
): Promise<ScrapedBody> {
  try {
    const { status, headers, body, release } = await transport.send(request, signal);
    if (status !== 200)
      throw new ScrapeError("status", `server returned HTTP status ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
    return { bytes: body, format: formatOf(headers["content-type"] ?? "", config.fallbackScrapeProtocol), release };
  } catch (error) {
    if (error instanceof HttpTransportError && error.code === "body_too_large")
      throw new ScrapeError("body_size_limit", "body size limit exceeded");
    throw error;
  }
}

/** What a target is asked, the same each time. */
export function scrapeRequest(target: Target, config: ScrapeConfig): HttpRequest {
  return {
    method: "GET",
    url: target.url,
    headers: {
      accept: acceptHeader(config),
      "accept-encoding": config.enableCompression ? "gzip" : "identity",
      "user-agent": "Tatou",
      "x-prometheus-scrape-timeout-seconds": String(target.timeoutMs / 1000),
    },
    timeoutMs: target.timeoutMs,
    // No limit in the file still is one: one answer must not fill the memory.
    bodySizeMaxBytes: config.bodySizeLimitBytes > 0 ? config.bodySizeLimitBytes : bodySizeMaxBytesDefault,
  };
}

const mediaTypes: Readonly<Record<ScrapeProtocol, string | null>> = {
  // The binary format is never asked for: it would bring nothing but native histograms.
  PrometheusProto: null,
  "PrometheusText0.0.4": "text/plain;version=0.0.4",
  "PrometheusText1.0.0": "text/plain;version=1.0.0",
  "OpenMetricsText0.0.1": "application/openmetrics-text;version=0.0.1",
  "OpenMetricsText1.0.0": "application/openmetrics-text;version=1.0.0",
};

/** The preferred formats with falling weights; anything comes last. */
function acceptHeader({ scrapeProtocols, metricNameEscapingScheme }: ScrapeConfig): string {
  const types = scrapeProtocols.flatMap((protocol) => {
    const type = mediaTypes[protocol];
    if (type === null) return [];
    return protocol.endsWith("1.0.0") ? `${type};escaping=${metricNameEscapingScheme}` : type;
  });
  const weighted = types.map((type, index) => `${type};q=0.${types.length + 1 - index}`);
  return [...weighted, "*/*;q=0.1"].join(",");
}

function formatOf(contentType: string, fallback: ScrapeProtocol | null): ExpositionFormat {
  const named = formatOfContentType(contentType) ?? fallbackFormat(fallback);
  if (named === "text" || named === "openmetrics") return named;
  if (named === "protobuf")
    throw new ScrapeError("content_type", "the target answered in the protobuf format, expected a text format");
  if (contentType === "")
    throw new ScrapeError(
      "content_type",
      "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target",
    );
  throw new ScrapeError(
    "content_type",
    `received unsupported Content-Type ${JSON.stringify(contentType)} and no fallback_scrape_protocol specified for target`,
  );
}

function fallbackFormat(protocol: ScrapeProtocol | null): ExpositionFormat | "protobuf" | null {
  switch (protocol) {
    case null:
      return null;
    case "PrometheusProto":
      return "protobuf";
    case "PrometheusText0.0.4":
    case "PrometheusText1.0.0":
      return "text";
    case "OpenMetricsText0.0.1":
    case "OpenMetricsText1.0.0":
      return "openmetrics";
  }
}
