import { type AnchoredRegex, compileAnchoredRegex, parseDurationMs } from "@tatou/model";
import { parseBase2Bytes } from "./base2-bytes.ts";
import { type Decode, fault, found, type Located } from "./fields.ts";
import { parseGoDurationMs } from "./go-duration.ts";
import { parseGoUrl } from "./go-url.ts";

/** Any scalar, as it is written. */
export const text: Decode<string> = (at) => {
  if (at.node.kind === "scalar" || at.node.kind === "null") return at.node.text;
  return fault(at, `found ${found(at.node)}, expected a text`);
};

const trueTexts = new Set(["true", "yes", "on", "y"].flatMap(cases));
const falseTexts = new Set(["false", "no", "off", "n"].flatMap(cases));

function cases(word: string): string[] {
  return [word, word[0]!.toUpperCase() + word.slice(1), word.toUpperCase()];
}

/** The words of YAML 1.1; quoted ones are texts. */
export const boolean: Decode<boolean> = (at) => {
  if (at.node.kind === "null") return false;
  if (at.node.kind === "scalar" && at.node.plain) {
    if (trueTexts.has(at.node.text)) return true;
    if (falseTexts.has(at.node.text)) return false;
  }
  return fault(at, `found ${found(at.node)}, expected true or false`);
};

/** A number as Go's YAML reader takes it: 1_000, 0x10, 1e3 and .5 included; not NaN. */
export const float: Decode<number> = (at) => {
  if (at.node.kind === "null") return 0;
  const value = at.node.kind === "scalar" && at.node.plain ? parseNumber(at.node.text) : undefined;
  return value ?? fault(at, `found ${found(at.node)}, expected a number`);
};

const namedFloats: ReadonlyMap<string, number> = new Map([
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((name) => [name, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((name) => [name, Number.NEGATIVE_INFINITY] as const),
  ...[".nan", ".NaN", ".NAN"].map((name) => [name, Number.NaN] as const),
]);

/** As float, and also .inf, -.inf and .nan. */
export const anyFloat: Decode<number> = (at) => {
  const named = at.node.kind === "scalar" && at.node.plain ? namedFloats.get(at.node.text) : undefined;
  return named ?? float(at);
};

function parseNumber(written: string): number | undefined {
  const compact = written.replaceAll("_", "");
  if (/^[-+]?0[xob][0-9a-f]+$/i.test(compact)) {
    const size = Number(compact.replace(/^[-+]/, ""));
    return Number.isNaN(size) ? undefined : compact.startsWith("-") ? -size : size;
  }
  if (/^[-+]?0[0-7]+$/.test(compact)) return Number.parseInt(compact, 8);
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(compact)) return Number(compact);
  return undefined;
}

/** A whole number within inclusive bounds; fractions are cut off as Go does. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Decode<number> {
  return (at) => {
    const value = float(at);
    if (value === undefined) return undefined;
    const whole = Math.trunc(value);
    if (whole < min || whole > max)
      return fault(at, `found ${found(at.node)}, expected a number from ${min} to ${max}`);
    return whole;
  };
}

/** Reads by a function that throws when the text is wrong; nothing is the given value. */
function parsed<T>(parse: (written: string) => T, empty: T): Decode<T> {
  return (at) => {
    if (at.node.kind === "null") return empty;
    const written = text(at);
    if (written === undefined) return undefined;
    try {
      return parse(written);
    } catch (error) {
      return fault(at, reasonOf(error), hintOf(error));
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hintOf(error: unknown): string | undefined {
  return error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
}

/** Prometheus' durations, such as 1h30m. */
export const durationMs: Decode<number> = parsed(parseDurationMs, 0);

/** Go's durations, such as 1.5h, which a few Alertmanager keys have. */
export const goDurationMs: Decode<number> = parsed(parseGoDurationMs, 0);

/** Sizes with a unit, such as 15MB, which is 15 times 1024². */
export const base2Bytes: Decode<number> = parsed(parseBase2Bytes, 0);

/** null for an empty value. */
export const regex: Decode<AnchoredRegex | null> = parsed<AnchoredRegex | null>(compileAnchoredRegex, null);

/** Any URL that Go's url.Parse takes, as written. */
export const url: Decode<string> = parsed((written) => {
  parseGoUrl(written);
  return written;
}, "");

/** As url, but http or https with a host. */
export const httpUrl: Decode<string> = parsed((written) => {
  const { scheme, host } = parseGoUrl(written);
  if (scheme !== "http" && scheme !== "https") throw new SyntaxError(`unsupported scheme "${scheme}" for URL`);
  if (host === "") throw new SyntaxError("missing host for URL");
  return written;
}, "");

/** One of a few texts, written exactly so. */
export function oneOf<const T extends string>(allowed: readonly T[]): Decode<T> {
  return (at) => {
    const written = text(at);
    if (written === undefined) return undefined;
    const match = allowed.find((each) => each === written);
    return match ?? fault(at, `found ${found(at.node)}, expected one of ${allowed.filter(Boolean).join(", ")}`);
  };
}

/** A path that is joined with the directory of the file it stands in. */
export const path: Decode<string> = (at: Located) => {
  const written = text(at);
  return written === undefined ? undefined : joinDirectory(directoryOf(at.source.file), written);
};

/** "." when the path has no directory. */
function directoryOf(file: string): string {
  const slash = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  return slash === -1 ? "." : slash === 0 ? "/" : file.slice(0, slash);
}

function joinDirectory(directory: string, written: string): string {
  if (written === "" || /^([/\\]|[a-zA-Z]:[/\\])/.test(written) || directory === ".") return written;
  return clean(`${directory}/${written}`);
}

function clean(joined: string): string {
  const parts: string[] = [];
  for (const part of joined.split("/")) {
    const last = parts.at(-1);
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && last !== undefined && last !== "..") {
      if (last !== "") parts.pop();
    } else parts.push(part);
  }
  return parts.join("/");
}
