import type { ExpositionFormat } from "./parse/series-text.ts";

/** What `MetricRegistry.render` and `ExpositionWriter` give. */
export const textContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8";

/** A parser for the content of an answer, or that it is the binary format. */
export type ExposedFormat = ExpositionFormat | "protobuf";

/** The format that a Content-Type header names; null when it names none of them, as HTML does. */
export function formatOfContentType(contentType: string): ExposedFormat | null {
  const [mediaType = "", ...parameters] = contentType.toLowerCase().split(";");
  switch (mediaType.trim()) {
    case "text/plain":
      return "text";
    case "application/openmetrics-text":
      return "openmetrics";
    case "application/vnd.google.protobuf": {
      const message = parameters.map((each) => each.trim()).find((each) => each.startsWith("proto="));
      return message === undefined || message === "proto=io.prometheus.client.metricfamily" ? "protobuf" : null;
    }
    default:
      return null;
  }
}
