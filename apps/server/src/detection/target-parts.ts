/** Takes a request target apart as it was sent, because a router that cannot read a path throws its query away as well. */

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Those beyond are looked at as one text. */
const fieldCountMax = 128;

/** The path, as sent, of a target in any form. */
export function pathOf(target: string): string {
  const origin = target.replace(/^https?:\/\/[^/?#]*/i, "");
  return origin.split(/[?#]/, 1)[0] ?? "";
}

/** The parts of a path in which an input could stand, decoded once: the whole, and each segment that is not a plain word. */
export function inputsOfPath(path: string): readonly string[] {
  const segments = path.split("/").filter((segment) => !/^[\w.~-]*$/.test(segment));
  if (segments.length === 0) return [];
  return [path, ...segments.slice(0, fieldCountMax)].map(decodedOnce);
}

/** The fields of the query, decoded once. A name that is none is a part of the input ("?1' OR 1=1"). */
export function fieldsOfQuery(target: string): readonly NamedText[] {
  const start = target.indexOf("?");
  if (start === -1) return [];
  const fields = target.slice(start + 1).split("&");
  const rest = fields.splice(fieldCountMax).join("&");
  return [...fields, rest].filter((field) => field !== "").map(parseField);
}

function parseField(field: string): NamedText {
  const text = decodedOnce(field.replaceAll("+", " "));
  const name = /^[\w.-]{1,64}(?=(?:\[\w{0,64}\])?=)/.exec(text)?.[0];
  return name === undefined
    ? { name: "", text }
    : { name: name.toLowerCase(), text: text.slice(text.indexOf("=") + 1) };
}

/** Bytes that are no UTF-8 are left to the detectors, which know what they are meant to become. */
function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
