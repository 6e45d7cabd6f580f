import { isLegacyLabelName, isLegacyMetricName } from "@tatou/model";
import type { NameValidationScheme } from "../prometheus/scrape-config.ts";
import { ConfigSource } from "../yaml/config-source.ts";
import { type Fields, fault, type Located, listOf, mapOf, positionOf, readFields } from "../yaml/fields.ts";
import { openDocument } from "../yaml/open-document.ts";
import { durationMs, integer, text } from "../yaml/scalars.ts";
import type { RuleConfig, RuleExpression, RuleFile, RuleGroupConfig } from "./rule-file.ts";

export interface LoadRuleFileOptions {
  /** global.metric_name_validation_scheme of the configuration that names the file; "utf8" unless given. */
  readonly nameValidationScheme?: NameValidationScheme;
  /** Accepts keys that Prometheus does not know, which it would refuse; false unless given. */
  readonly ignoresUnknownFields?: boolean;
}

interface RuleReader {
  readonly scheme: NameValidationScheme;
  readonly ignoresUnknownFields: boolean;
}

/**
 * Reads a rule file, with Prometheus' checks and wording. Expressions and templates are left to those who can read them.
 * @throws {ConfigError} with every fault and its place
 */
export function loadRuleFile(text: string, file: string, options: LoadRuleFileOptions = {}): RuleFile {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const reader: RuleReader = {
    scheme: options.nameValidationScheme ?? "utf8",
    ignoresUnknownFields: options.ignoresUnknownFields ?? false,
  };
  const groups =
    at &&
    readRuleFields(
      at,
      reader,
      (fields) =>
        fields.get(
          "groups",
          listOf((item) => readGroup(item, reader)),
        ) ?? [],
    );
  if (at !== null) refuseSameNames(at, groups ?? []);
  source.throwFaults();
  return { file, groups: groups ?? [] };
}

/** A map of a rule file, with the keys that people add for their own tools if they are to be accepted. */
function readRuleFields<T>(
  at: Located,
  { ignoresUnknownFields }: RuleReader,
  read: (fields: Fields) => T,
): T | undefined {
  return readFields(at, (fields) => {
    if (ignoresUnknownFields) fields.acceptUnknown();
    return read(fields);
  });
}

function refuseSameNames({ source }: Located, groups: readonly RuleGroupConfig[]): void {
  const seen = new Set<string>();
  for (const { name, position } of groups) {
    if (seen.has(name))
      source.faultAt(position, `Cannot load groups: groupname: "${name}" is repeated in the same file`);
    seen.add(name);
  }
}

function readGroup(at: Located, reader: RuleReader): RuleGroupConfig | undefined {
  return readRuleFields(at, reader, (fields) => {
    const name = fields.get("name", text) ?? "";
    if (name === "") fields.fault("Groupname must not be empty");
    return {
      name,
      position: positionOf(at),
      intervalMs: fields.get("interval", durationMs) || null,
      queryOffsetMs:
        fields.value("query_offset")?.node.kind === "null" ? null : (fields.get("query_offset", durationMs) ?? null),
      limit: fields.get("limit", integer(Number.MIN_SAFE_INTEGER)) ?? 0,
      labels: fields.get("labels", (inner) => readLabels(inner, reader.scheme)) ?? {},
      rules:
        fields.get(
          "rules",
          listOf((item) => readRule(item, reader)),
        ) ?? [],
    };
  });
}

function readRule(at: Located, reader: RuleReader): RuleConfig | undefined {
  const { scheme } = reader;
  return readRuleFields(at, reader, (fields) => {
    const record = fields.get("record", text) ?? "";
    const alert = fields.get("alert", text) ?? "";
    if (record !== "" && alert !== "") fields.fault("only one of 'record' and 'alert' must be set");
    if (record === "" && alert === "") fields.fault("one of 'record' or 'alert' must be set");
    const common = {
      position: positionOf(at),
      expr: readExpression(fields),
      labels: fields.get("labels", (inner) => readLabels(inner, scheme)) ?? {},
    };
    const forMs = fields.get("for", durationMs) ?? 0;
    const keepFiringForMs = fields.get("keep_firing_for", durationMs) ?? 0;
    const annotations = fields.get("annotations", (inner) => readAnnotations(inner, scheme)) ?? {};
    if (record === "") return { kind: "alerting", alert, forMs, keepFiringForMs, annotations, ...common };
    if (Object.keys(annotations).length > 0)
      fields.fault("invalid field 'annotations' in recording rule", "annotations");
    if (forMs !== 0) fields.fault("invalid field 'for' in recording rule", "for");
    if (keepFiringForMs !== 0) fields.fault("invalid field 'keep_firing_for' in recording rule", "keep_firing_for");
    checkRecordName(fields, record, scheme);
    return { kind: "recording", record, ...common };
  });
}

function checkRecordName(fields: Fields, record: string, scheme: NameValidationScheme): void {
  if (scheme === "legacy" && !isLegacyMetricName(record))
    fields.fault(`invalid recording rule name: ${record}`, "record");
  else if (/[{}]/.test(record))
    fields.fault(`braces present in the recording rule name; should it be in expr?: ${record}`, "record");
}

function readExpression(fields: Fields): RuleExpression {
  const at = fields.value("expr");
  const written = fields.get("expr", text) ?? "";
  if (written === "") fields.fault("field 'expr' must be set in rule", "expr");
  if (at?.node.kind !== "scalar") return { text: written, position: positionOf(at ?? fields.at) };
  return { text: written, position: at.source.position(at.node.textOffset) };
}

function readLabels(at: Located, scheme: NameValidationScheme): Readonly<Record<string, string>> | undefined {
  const labels = mapOf(text)(at);
  for (const name of Object.keys(labels ?? {}))
    if (!isLabelName(name, scheme) || name === "__name__") fault(at, `invalid label name: ${name}`);
  return labels;
}

function readAnnotations(at: Located, scheme: NameValidationScheme): Readonly<Record<string, string>> | undefined {
  const annotations = mapOf(text)(at);
  for (const name of Object.keys(annotations ?? {}))
    if (!isLabelName(name, scheme)) fault(at, `invalid annotation name: ${name}`);
  return annotations;
}

function isLabelName(name: string, scheme: NameValidationScheme): boolean {
  return scheme === "legacy" ? isLegacyLabelName(name) : name !== "";
}
