import type { VariableValue } from "./variable.ts";

/** Writes a value in one of the named formats, as in ${name:csv}; an unknown format is the list itself. */
export function formatVariable(value: VariableValue, formatName: string): string {
  const [name, argument] = splitFormat(formatName);
  if (name === "date") return formatDate(value.values[0] ?? "", argument ?? "iso");
  if (name === "text") return value.text;
  if (value.raw !== undefined && name !== "queryparam") return value.raw;
  const format = formats.get(name);
  return format === undefined ? plainList(value.values) : format(value.values);
}

function splitFormat(formatName: string): [string, string?] {
  const colon = formatName.indexOf(":");
  return colon === -1 ? [formatName] : [formatName.slice(0, colon), formatName.slice(colon + 1)];
}

type ListFormat = (values: readonly string[]) => string;

const formats: ReadonlyMap<string, ListFormat> = new Map<string, ListFormat>([
  ["raw", (values) => values.join(",")],
  ["csv", (values) => values.join(",")],
  ["pipe", (values) => values.join("|")],
  ["regex", (values) => group(values.map(escapeRegex), "(", "|", ")")],
  ["glob", (values) => group(values, "{", ",", "}")],
  ["json", (values) => JSON.stringify(values)],
  ["singlequote", (values) => values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(",")],
  ["doublequote", (values) => values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(",")],
  ["sqlstring", (values) => values.map((value) => `'${value.replaceAll("'", "''")}'`).join(",")],
  ["percentencode", (values) => encodeURIComponent(plainList(values))],
  [
    "lucene",
    (values) =>
      group(
        values.map((value) => `"${value.replaceAll('"', '\\"')}"`),
        "(",
        " OR ",
        ")",
      ),
  ],
]);

function plainList(values: readonly string[]): string {
  return group(values, "{", ",", "}");
}

function group(values: readonly string[], open: string, between: string, close: string): string {
  return values.length === 1 ? (values[0] ?? "") : `${open}${values.join(between)}${close}`;
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}/]/g, "\\$&");
}

function formatDate(milliseconds: string, style: string): string {
  const timeMs = Number(milliseconds);
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > dateMaxMs) return milliseconds;
  if (style === "seconds") return String(Math.floor(timeMs / 1000));
  const iso = new Date(timeMs).toISOString();
  return style === "YYYY-MM-DD" ? iso.slice(0, 10) : iso;
}

/** The largest time that a Date holds. */
const dateMaxMs = 8.64e15;
