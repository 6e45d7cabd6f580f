/** A label set: sorted by name in byte order, names unique, no empty values (an empty value means "not there"). */
export type Labels = readonly Label[];

export interface Label {
  readonly name: string;
  readonly value: string;
}

export const emptyLabels: Labels = [];

/** The label that holds the metric's name. */
export const metricNameLabel = "__name__";

/** Makes a label set from pairs in any order; later duplicates win, empty values are dropped. */
export function labelsOf(pairs: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): Labels {
  const entries = Symbol.iterator in pairs ? pairs : Object.entries(pairs);
  const byName = new Map<string, string>();
  for (const [name, value] of entries) byName.set(name, value);
  const labels: Label[] = [];
  for (const [name, value] of byName) if (value !== "") labels.push({ name, value });
  return labels.sort((left, right) => compareStrings(left.name, right.name));
}

/** The value of a label; "" when it is not there, as in PromQL. */
export function labelValue(labels: Labels, name: string): string {
  for (const label of labels) if (label.name === name) return label.value;
  return "";
}

/** A copy with one label set; an empty value removes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const rest = labels.filter((label) => label.name !== name);
  if (value === "") return rest;
  const index = rest.findIndex((label) => compareStrings(label.name, name) > 0);
  rest.splice(index === -1 ? rest.length : index, 0, { name, value });
  return rest;
}

export function withoutLabels(labels: Labels, names: readonly string[]): Labels {
  return labels.filter((label) => !names.includes(label.name));
}

export function onlyLabels(labels: Labels, names: readonly string[]): Labels {
  return labels.filter((label) => names.includes(label.name));
}

/** A text that two label sets share exactly when they are equal; usable as a map key, not for people. */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const { name, value } of labels) key += `${name.length}:${name}${value.length}:${value}`;
  return key;
}

/**
 * The same for a list of texts. Lengths and not a separator, because whoever chooses the values could write that too and
 * make two different sets look like one.
 */
export function textsKey(texts: readonly string[]): string {
  let key = "";
  for (const text of texts) key += `${text.length}:${text}`;
  return key;
}

export function labelsEqual(left: Labels, right: Labels): boolean {
  if (left.length !== right.length) return false;
  return left.every((label, index) => label.name === right[index]!.name && label.value === right[index]!.value);
}

/** Order of label sets as in Prometheus: pair by pair, name before value, the shorter first. */
export function compareLabels(left: Labels, right: Labels): number {
  const count = Math.min(left.length, right.length);
  for (let index = 0; index < count; index++) {
    const byName = compareStrings(left[index]!.name, right[index]!.name);
    if (byName !== 0) return byName;
    const byValue = compareStrings(left[index]!.value, right[index]!.value);
    if (byValue !== 0) return byValue;
  }
  return left.length - right.length;
}

/** A label set as a plain object: the shape of every JSON API. */
export function labelsToObject(labels: Labels): Record<string, string> {
  // A null prototype keeps a label called "__proto__" an ordinary key.
  const object: Record<string, string> = Object.create(null);
  for (const label of labels) object[label.name] = label.value;
  return object;
}

/** `name{a="b"}` as Prometheus prints a series; `{}` for no labels; names outside the old charset are quoted. */
export function formatLabels(labels: Labels): string {
  const metricName = labelValue(labels, metricNameLabel);
  const plainName = isLegacyMetricName(metricName);
  const pairs = labels
    .filter((label) => label.name !== metricNameLabel)
    .map((label) => `${isLegacyLabelName(label.name) ? label.name : quote(label.name)}=${quote(label.value)}`);
  if (metricName !== "" && !plainName) pairs.unshift(quote(metricName));
  if (metricName !== "" && plainName) return pairs.length === 0 ? metricName : `${metricName}{${pairs.join(", ")}}`;
  return `{${pairs.join(", ")}}`;
}

export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** Quotes text as Go's strconv.Quote does: printable Unicode stays, the rest is escaped. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += quoteCharacter(character);
  return `${quoted}"`;
}

function quoteCharacter(character: string): string {
  const named = namedEscapes.get(character);
  if (named !== undefined) return named;
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

const namedEscapes = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/**
 * Order of texts by their UTF-8 bytes, which is the order of code points: what Go's string comparison gives.
 * JavaScript's own order differs only where a surrogate pair meets U+E000 to U+FFFF.
 */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const count = Math.min(left.length, right.length);
  for (let index = 0; index < count; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return surrogatesLast(a) - surrogatesLast(b);
  }
  return left.length - right.length;
}

function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}
