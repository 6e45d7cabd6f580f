import { type AnchoredRegex, compileAnchoredRegex, isLegacyLabelName, type RelabelRule } from "@tatou/model";
import type { NameValidationScheme } from "../prometheus/scrape-config.ts";
import { type Decode, type Fields, fault, type Located, listOf, listWithoutEmpty, readFields } from "../yaml/fields.ts";
import { integer, regex, text } from "../yaml/scalars.ts";

/** A list of relabelling rules; `emptyReason` is Prometheus' wording for an empty item. */
export function relabelRules(scheme: NameValidationScheme, emptyReason: string): Decode<readonly RelabelRule[]> {
  return listWithoutEmpty((at) => readFields(at, (fields) => readRule(fields, scheme)), emptyReason);
}

const actions = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
] as const;
type Action = (typeof actions)[number];

const separatorDefault = ";";
const replacementDefault = "$1";
const everything = compileAnchoredRegex("(.*)");
const nothing = compileAnchoredRegex("");

/** The keys as written, with Prometheus' defaults, before the action says which of them it takes. */
interface Draft {
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: AnchoredRegex;
  readonly modulus: number;
  readonly targetLabel: string;
  readonly replacement: string;
}

function readRule(fields: Fields, scheme: NameValidationScheme): RelabelRule | undefined {
  const action = fields.has("action") ? fields.get("action", relabelAction) : "replace";
  // An empty `regex:` is the empty expression, a missing one is everything.
  const written = fields.has("regex") ? fields.get("regex", regex) : everything;
  const draft: Draft = {
    sourceLabels: fields.get("source_labels", listOf(labelName)) ?? [],
    separator: fields.get("separator", text) ?? separatorDefault,
    regex: written ?? nothing,
    modulus: fields.get("modulus", integer()) ?? 0,
    targetLabel: fields.get("target_label", text) ?? "",
    replacement: fields.get("replacement", text) ?? replacementDefault,
  };
  if (action === undefined) return undefined;
  const refusal = refusalOf(action, draft, { fields, scheme });
  if (refusal !== null) return fields.fault(refusal);
  return ruleOf(action, draft);
}

function relabelAction(at: Located): Action | undefined {
  const written = text(at);
  if (written === undefined) return undefined;
  const action = actions.find((each) => each === written.toLowerCase());
  return action ?? fault(at, `unknown relabel action ${JSON.stringify(written)}`, `Actions are ${actions.join(", ")}`);
}

function labelName(at: Located): string | undefined {
  const written = text(at);
  return written === "" ? fault(at, '"" is not a valid label name') : written;
}

interface RefusalContext {
  readonly fields: Fields;
  readonly scheme: NameValidationScheme;
}

const withTarget: readonly Action[] = ["replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"];
const withoutReplacement: readonly Action[] = ["lowercase", "uppercase", "keepequal", "dropequal"];

/** Prometheus' checks in its order and wording; null when the rule is right. */
function refusalOf(action: Action, draft: Draft, { fields, scheme }: RefusalContext): string | null {
  const target = draft.targetLabel;
  if (action === "hashmod" && draft.modulus === 0) return "relabel configuration for hashmod requires non-zero modulus";
  if (withTarget.includes(action) && target === "")
    return `relabel configuration for ${action} action requires 'target_label' value`;
  const validTarget = action === "replace" ? isTargetTemplate(target, scheme) : isLabelName(target, scheme);
  if (withTarget.includes(action) && !validTarget)
    return `${JSON.stringify(target)} is invalid 'target_label' for ${action} action`;
  if (withoutReplacement.includes(action) && draft.replacement !== replacementDefault)
    return `'replacement' can not be set for ${action} action`;
  if (action === "labelmap" && !isTargetTemplate(draft.replacement, scheme))
    return `${JSON.stringify(draft.replacement)} is invalid 'replacement' for ${action} action`;
  const common =
    draft.modulus !== 0 || draft.separator !== separatorDefault || draft.replacement !== replacementDefault;
  if ((action === "dropequal" || action === "keepequal") && (common || fields.has("regex")))
    return `${action} action requires only 'source_labels' and \`target_label\`, and no other fields`;
  if ((action === "labeldrop" || action === "labelkeep") && (common || target !== "" || fields.has("source_labels")))
    return `${action} action requires only 'regex', and no other fields`;
  return null;
}

function isLabelName(name: string, scheme: NameValidationScheme): boolean {
  return scheme === "legacy" ? isLegacyLabelName(name) : name !== "";
}

/** A label name that may hold $1, ${1} or ${name}. */
function isTargetTemplate(template: string, scheme: NameValidationScheme): boolean {
  if (scheme === "utf8") return template !== "";
  return /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))(?:\w|\$(?:\{\w+\}|\w+))*$/.test(template);
}

function ruleOf(action: Action, draft: Draft): RelabelRule {
  const { sourceLabels, separator, regex, modulus, targetLabel, replacement } = draft;
  switch (action) {
    case "replace":
      return { action, sourceLabels, separator, regex, targetLabel, replacement };
    case "keep":
    case "drop":
      return { action, sourceLabels, separator, regex };
    case "keepequal":
    case "dropequal":
    case "lowercase":
    case "uppercase":
      return { action, sourceLabels, separator, targetLabel };
    case "hashmod":
      return { action, sourceLabels, separator, modulus, targetLabel };
    case "labelmap":
      return { action, regex, replacement };
    case "labeldrop":
    case "labelkeep":
      return { action, regex };
  }
}
