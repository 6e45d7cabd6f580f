/** Sections of prometheus.yml that nothing here runs, checked so that a file is refused exactly when Prometheus refuses it. */
import { isReservedHeader, readTls } from "../http/read-http-client.ts";
import { type Fields, fault, type Located, listOf, mapOf, readFields } from "../yaml/fields.ts";
import { boolean, durationMs, float, oneOf, text } from "../yaml/scalars.ts";
import type { NameValidationScheme } from "./scrape-config.ts";

export function checkTracing(at: Located): void {
  readFields(at, (fields) => {
    fields.get("client_type", oneOf(["grpc", "http"]));
    if ((fields.get("endpoint", text) ?? "") === "") fields.fault("tracing endpoint must be set");
    fields.get("sampling_fraction", float);
    fields.get("insecure", boolean);
    fields.get("tls_config", readTls);
    fields.get("headers", checkTracingHeaders);
    const compression = fields.get("compression", text) ?? "";
    if (compression !== "" && compression !== "gzip")
      fields.fault(`invalid compression type ${compression} provided, valid options: gzip`, "compression");
    fields.get("timeout", durationMs);
  });
}

function checkTracingHeaders(at: Located): undefined {
  for (const name of Object.keys(mapOf(text)(at) ?? {})) {
    if (name.toLowerCase() === "authorization")
      fault(at, "custom authorization header configuration is not yet supported");
    else if (isReservedHeader(name)) fault(at, `${name} is a reserved header. It must not be changed`);
  }
  return undefined;
}

const utf8Strategies = ["NoUTF8EscapingWithSuffixes", "NoTranslation"];
const strategies = ["", "UnderscoreEscapingWithSuffixes", "UnderscoreEscapingWithoutSuffixes", ...utf8Strategies];

export function checkOtlp(at: Located, scheme: NameValidationScheme): void {
  readFields(at, (fields) => {
    const strategy = fields.get("translation_strategy", text) ?? "";
    if (!strategies.includes(strategy))
      fields.fault(`unsupported OTLP translation strategy ${JSON.stringify(strategy)}`, "translation_strategy");
    if (scheme === "legacy" && utf8Strategies.includes(strategy))
      fields.fault(
        `OTLP translation strategy ${JSON.stringify(strategy)} is not allowed when UTF8 is disabled`,
        "translation_strategy",
      );
    for (const flag of [
      "keep_identifying_resource_attributes",
      "convert_histograms_to_nhcb",
      "promote_scope_metadata",
      "label_name_underscore_sanitization",
      "label_name_preserve_multiple_underscores",
    ])
      fields.get(flag, boolean);
    checkPromotion(fields);
  });
}

function checkPromotion(fields: Fields): void {
  const all = fields.get("promote_all_resource_attributes", boolean) ?? false;
  const promoted = fields.get("promote_resource_attributes", listOf(text)) ?? [];
  const ignored = fields.get("ignore_resource_attributes", listOf(text)) ?? [];
  if (all && promoted.length > 0)
    fields.fault(
      "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
    );
  if (!all && ignored.length > 0)
    fields.fault("'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true");
  checkAttributes(fields, "promote_resource_attributes", { attributes: promoted, adjective: "promoted" });
  checkAttributes(fields, "ignore_resource_attributes", { attributes: ignored, adjective: "ignored" });
}

interface Attributes {
  readonly attributes: readonly string[];
  readonly adjective: string;
}

function checkAttributes(fields: Fields, key: string, { attributes, adjective }: Attributes): void {
  const seen = new Set<string>();
  for (const attribute of attributes.map((each) => each.trim())) {
    if (attribute === "") fields.fault(`invalid '${key}': empty ${adjective} OTel resource attribute`, key);
    if (seen.has(attribute))
      fields.fault(
        `invalid '${key}': duplicated ${adjective} OTel resource attribute ${JSON.stringify(attribute)}`,
        key,
      );
    seen.add(attribute);
  }
}
