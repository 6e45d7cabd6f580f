import { type Decode, type Fields, fault, found, type Located, text } from "@tatou/config";
import { nearestName, parseDurationMs } from "@tatou/model";
import { parseTemplate, VariableError, variableNames } from "./variables.ts";

/** Readers of single values that have a limit or are one of a few. */

const dayMs = 24 * 3_600_000;

/** The value of a key that must be there. */
export function required<T>(fields: Fields, key: string, decode: Decode<T>): T | undefined {
  if (fields.has(key)) return fields.get(key, decode);
  fields.fault(`found no ${key}, expected one`);
  return undefined;
}

/** A text that is not empty. */
export const filledText: Decode<string> = (at) => {
  const written = text(at);
  return written === "" ? fault(at, "found nothing, expected a text") : written;
};

/** @param expected what a text of this pattern is, for people */
export function textLike(pattern: RegExp, expected: string): Decode<string> {
  return (at) => {
    const written = text(at);
    if (written === undefined || pattern.test(written)) return written;
    return fault(at, `found ${found(at.node)}, expected ${expected}`);
  };
}

/** One of some names; the nearest is told otherwise. */
export function nameOf<T extends string>(names: Iterable<T>, kind: string): Decode<T> {
  return (at) => {
    const written = text(at);
    if (written === undefined) return undefined;
    const known = [...names];
    const match = known.find((name) => name === written);
    return match ?? fault(at, `found ${found(at.node)}, expected ${kind}`, hintFor(written, known));
  };
}

export function hintFor(written: string, known: readonly string[]): string {
  const nearest = nearestName(written, known);
  return nearest === null ? `There are: ${known.toSorted().join(", ")}` : `Did you mean "${nearest}"?`;
}

export function wholeNumber(min: number, max: number): Decode<number> {
  return numberLike(/^\d{1,9}$/, (value) => value >= min && value <= max, `a whole number from ${min} to ${max}`);
}

/** How often a second; above 0. */
export function perSecond(max: number): Decode<number> {
  return numberLike(/^\d{1,9}(\.\d{1,9})?$/, (value) => value > 0 && value <= max, `a number above 0, at most ${max}`);
}

function numberLike(pattern: RegExp, isAllowed: (value: number) => boolean, expected: string): Decode<number> {
  return (at) => {
    const { node } = at;
    const value = node.kind === "scalar" && node.plain && pattern.test(node.text) ? Number(node.text) : Number.NaN;
    return isAllowed(value) ? value : fault(at, `found ${found(node)}, expected ${expected}`);
  };
}

/** A duration such as 1m30s, of a day at most. */
export function duration({ minMs }: { readonly minMs: number }): Decode<number> {
  return (at) => {
    const written = text(at);
    if (written === undefined) return undefined;
    const valueMs = durationOrNan(written);
    if (valueMs >= minMs && valueMs <= dayMs) return valueMs;
    const least = minMs === 0 ? "" : `at least ${minMs}ms and `;
    return fault(at, `found ${found(at.node)}, expected a duration such as 1m30s, ${least}at most 24h`);
  };
}

function durationOrNan(written: string): number {
  try {
    return parseDurationMs(written);
  } catch {
    return Number.NaN;
  }
}

/** A text with variables. @param allowed which ones may stand in it; default all */
export function templateText(allowed: readonly string[] = variableNames): Decode<string> {
  return (at) => {
    const written = text(at);
    return written === undefined || checkTemplate(at, written, allowed) ? written : undefined;
  };
}

/** Whether the variables in a text are right; tells the source when they are not. */
export function checkTemplate(at: Located, written: string, allowed: readonly string[] = variableNames): boolean {
  try {
    const stranger = parseTemplate(written).find((part) => part.kind !== "text" && !allowed.includes(part.kind));
    if (stranger === undefined) return true;
    fault(at, `found the variable ${stranger.kind}, expected none but ${allowed.join(", ")}`);
    return false;
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    const offset = at.node.kind === "scalar" ? at.node.textOffset + error.at : at.node.offset;
    const message = `Cannot load ${at.path}: found the variable ${JSON.stringify(error.variable)}, and ${error.message}`;
    const hint = allowed.includes(error.variable.split(":", 1)[0]!)
      ? "Variables: docs/drills.md"
      : hintFor(error.variable, allowed);
    at.source.fault(offset, message, hint);
    return false;
  }
}
