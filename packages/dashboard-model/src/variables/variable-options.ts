import { patternTextMaxLength, stringPattern } from "./string-pattern.ts";
import { allValueMark, type Variable, type VariableOption, type VariableValue } from "./variable.ts";

/** More would make the list useless and the page slow; the search of a query variable narrows it. */
export const optionCountMax = 5000;

/** The options of a variable that needs no data source. */
export function fixedOptions(variable: Variable): VariableOption[] {
  switch (variable.kind) {
    case "custom":
    case "interval":
      return splitOptions(variable.query || variable.savedOptions.map((option) => option.value).join(","));
    case "constant":
    case "textbox":
      return [{ text: variable.query, value: variable.query }];
    case "query":
    case "datasource":
    case "unsupported":
      return variable.savedOptions.filter((option) => option.value !== allValueMark);
  }
}

/** The options that a query's answers give: filtered and rewritten by the variable's regex, unique, sorted. */
export function queryOptions(variable: Variable, answers: readonly string[]): VariableOption[] {
  const options = variable.regex === "" ? answers.map(asOption) : rewrite(variable.regex, answers);
  const byValue = new Map(options.map((option) => [option.value, option]));
  return sortOptions([...byValue.values()], variable.sort).slice(0, optionCountMax);
}

/**
 * What the variable is set to: what was asked for (by the address bar), else what was saved, as far as the options
 * allow it, else "All" or the first option. Null when there is nothing to choose from.
 */
export function chooseValue(
  variable: Variable,
  options: readonly VariableOption[],
  asked: readonly string[],
): VariableValue | null {
  const wanted = asked.length > 0 ? asked : variable.saved;
  if (variable.kind === "constant") return single(variable, options[0]);
  if (variable.kind === "textbox") return single(variable, asText(wanted[0]) ?? options[0]);
  if (variable.includeAll && wanted.some((value) => value === allValueMark || value === "All"))
    return allOf(variable, options);
  const known = options.filter((option) => wanted.includes(option.value) || wanted.includes(option.text));
  if (known.length > 0) return chosen(variable, variable.multi ? known : known.slice(0, 1));
  // An address may name a value that has vanished meanwhile: it is kept, so that the reader sees why nothing is there.
  if (asked.length > 0) return chosen(variable, asked.map(asOption));
  if (options.length === 0) return wanted.length === 0 ? null : chosen(variable, wanted.map(asOption));
  return variable.includeAll && variable.multi && wanted.length === 0
    ? allOf(variable, options)
    : chosen(variable, options.slice(0, 1));
}

function single(variable: Variable, option: VariableOption | undefined): VariableValue {
  return chosen(variable, [option ?? { text: "", value: "" }]);
}

function chosen(variable: Variable, options: readonly VariableOption[]): VariableValue {
  return {
    values: options.map((option) => option.value),
    text: options.map((option) => option.text).join(" + "),
    many: variable.multi || variable.includeAll,
  };
}

function allOf(variable: Variable, options: readonly VariableOption[]): VariableValue {
  const values = options.map((option) => option.value);
  // With nothing to choose from, "All" still has to match: an empty group would match the empty value alone.
  if (variable.allValue !== "") return { values, text: "All", many: true, raw: variable.allValue };
  return values.length === 0
    ? { values: [".*"], text: "All", many: true, raw: ".*" }
    : { values, text: "All", many: true };
}

function asText(text: string | undefined): VariableOption | undefined {
  return text === undefined ? undefined : asOption(text);
}

function asOption(text: string): VariableOption {
  return { text, value: text };
}

/** "a, b, label : value": commas separate, a backslash keeps one; "text : value" gives an option a name. */
function splitOptions(query: string): VariableOption[] {
  const parts = query.match(/(?:\\,|[^,])+/g) ?? [];
  return parts
    .map((part) => part.replaceAll("\\,", ",").trim())
    .filter((part) => part !== "")
    .map((part) => {
      const pair = /^\s*(.+)\s+:\s+(.+)$/.exec(part);
      return pair === null ? asOption(part) : { text: (pair[1] ?? "").trim(), value: (pair[2] ?? "").trim() };
    });
}

function rewrite(regex: string, answers: readonly string[]): VariableOption[] {
  const pattern = stringPattern(regex);
  if (pattern === null) return answers.map(asOption);
  return answers.flatMap((answer) => {
    const match = pattern.exec(answer.slice(0, patternTextMaxLength));
    if (match === null) return [];
    const value = match.groups?.value ?? match.groups?.text ?? match[1] ?? match[0];
    return value === "" ? [] : [{ value, text: match.groups?.text ?? value }];
  });
}

/** 1 and 2 alphabetical, 3 and 4 by the number within, 5 and 6 without regard to case, 7 and 8 natural; even ones descend. */
function sortOptions(options: VariableOption[], sort: number): VariableOption[] {
  if (sort === 0) return options;
  const kind = Math.ceil(sort / 2);
  const compare = comparators[kind - 1] ?? comparators[0];
  const sorted = options.sort((left, right) => compare?.(left.text, right.text) ?? 0);
  return sort % 2 === 0 ? sorted.toReversed() : sorted;
}

const comparators: readonly ((left: string, right: string) => number)[] = [
  (left, right) => (left < right ? -1 : Number(left > right)),
  (left, right) => numberIn(left) - numberIn(right),
  (left, right) => comparators[0]?.(left.toLowerCase(), right.toLowerCase()) ?? 0,
  (left, right) => left.localeCompare(right, "en", { numeric: true }),
];

function numberIn(text: string): number {
  const match = /\d+(?:\.\d+)?/.exec(text);
  return match === null ? -1 : Number(match[0]);
}
