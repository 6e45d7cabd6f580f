import { compareStrings, type Labels, labelsOf } from "./labels.ts";
import type { AnchoredRegex } from "./regex.ts";

/** One step of relabel_configs, metric_relabel_configs or alert_relabel_configs. */
export type RelabelRule =
  | {
      readonly action: "replace";
      readonly sourceLabels: readonly string[];
      readonly separator: string;
      readonly regex: AnchoredRegex;
      readonly targetLabel: string;
      readonly replacement: string;
    }
  | {
      readonly action: "keep" | "drop";
      readonly sourceLabels: readonly string[];
      readonly separator: string;
      readonly regex: AnchoredRegex;
    }
  | {
      readonly action: "keepequal" | "dropequal" | "lowercase" | "uppercase";
      readonly sourceLabels: readonly string[];
      readonly separator: string;
      readonly targetLabel: string;
    }
  | {
      readonly action: "hashmod";
      readonly sourceLabels: readonly string[];
      readonly separator: string;
      readonly modulus: number;
      readonly targetLabel: string;
    }
  | { readonly action: "labelmap"; readonly regex: AnchoredRegex; readonly replacement: string }
  | { readonly action: "labeldrop" | "labelkeep"; readonly regex: AnchoredRegex };

/** Makes the 16 bytes of MD5 over UTF-8 text: an argument, because pure code has no crypto of its own. */
export type Md5 = (text: string) => Uint8Array;

/**
 * Applies the rules in order; null as soon as one of them drops the label set.
 * @param md5 needed by hashmod only
 * @see Prometheus configuration, relabel_config
 */
export function relabel(labels: Labels, rules: readonly RelabelRule[], md5: Md5): Labels | null {
  const values = new Map(labels.map((label) => [label.name, label.value]));
  for (const rule of rules) if (!applyRule(values, rule, md5)) return null;
  return labelsOf(values);
}

/** Changes the values in place; false drops the label set. */
function applyRule(values: Map<string, string>, rule: RelabelRule, md5: Md5): boolean {
  switch (rule.action) {
    case "replace":
      replace(values, rule);
      return true;
    case "keep":
      return rule.regex.test(sourceText(values, rule));
    case "drop":
      return !rule.regex.test(sourceText(values, rule));
    case "keepequal":
      return (values.get(rule.targetLabel) ?? "") === sourceText(values, rule);
    case "dropequal":
      return (values.get(rule.targetLabel) ?? "") !== sourceText(values, rule);
    case "lowercase":
      setLabel(values, rule.targetLabel, sourceText(values, rule).toLowerCase());
      return true;
    case "uppercase":
      setLabel(values, rule.targetLabel, sourceText(values, rule).toUpperCase());
      return true;
    case "hashmod":
      setLabel(values, rule.targetLabel, String(hashModulo(md5(sourceText(values, rule)), rule.modulus)));
      return true;
    case "labelmap":
      mapNames(values, rule.regex, rule.replacement);
      return true;
    case "labeldrop":
      for (const name of [...values.keys()]) if (rule.regex.test(name)) values.delete(name);
      return true;
    case "labelkeep":
      for (const name of [...values.keys()]) if (!rule.regex.test(name)) values.delete(name);
      return true;
  }
}

function sourceText(
  values: ReadonlyMap<string, string>,
  rule: { readonly sourceLabels: readonly string[]; readonly separator: string },
): string {
  return rule.sourceLabels.map((name) => values.get(name) ?? "").join(rule.separator);
}

function replace(values: Map<string, string>, rule: RelabelRule & { action: "replace" }): void {
  const groups = rule.regex.match(sourceText(values, rule));
  if (groups === null) return;
  const target = rule.regex.expand(rule.targetLabel, groups);
  if (!isLabelName(target)) return;
  setLabel(values, target, rule.regex.expand(rule.replacement, groups));
}

function mapNames(values: Map<string, string>, regex: AnchoredRegex, replacement: string): void {
  const before = [...values].sort(([left], [right]) => compareStrings(left, right));
  for (const [name, value] of before) {
    const groups = regex.match(name);
    if (groups !== null) setLabel(values, regex.expand(replacement, groups), value);
  }
}

function setLabel(values: Map<string, string>, name: string, value: string): void {
  if (value === "") values.delete(name);
  else values.set(name, value);
}

/** The last 8 bytes of the digest as a big-endian number, modulo: as Prometheus shards targets. */
function hashModulo(digest: Uint8Array, modulus: number): number {
  let remainder = 0n;
  for (const byte of digest.subarray(8)) remainder = ((remainder << 8n) | BigInt(byte)) % BigInt(modulus);
  return Number(remainder);
}

/** Any UTF-8 text names a label since Prometheus 3. */
function isLabelName(name: string): boolean {
  return name !== "";
}
