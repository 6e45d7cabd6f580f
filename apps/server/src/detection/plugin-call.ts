import { plainText } from "./plain-text.ts";

const inspectedLengthMax = 16 * 1_024;

/**
 * True when the path of a request asks for the plugin route in any spelling that some server would have taken for it: other case,
 * more slashes, a slash or an extension behind, encoded letters, a way around.
 */
export function isPluginCall(path: string): boolean {
  const plain = plainText(path.slice(0, inspectedLengthMax)).toLowerCase();
  const [first, second = ""] = resolve(plain.split(/[\\/]+/));
  return first === "api" && /^load-plugin(?!\w)/.test(second);
}

/** The segments that are left of a path; what stands behind a semicolon is no part of its segment. */
function resolve(segments: readonly string[]): readonly string[] {
  const left: string[] = [];
  for (const segment of segments) {
    const name = (segment.split(";", 1)[0] ?? "").trim();
    if (name === "..") left.pop();
    else if (name !== "" && name !== ".") left.push(name);
  }
  return left;
}
