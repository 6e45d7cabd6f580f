import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { GlobSyntaxError } from "../errors.ts";

/**
 * The files a rule_files entry names. As in Prometheus, only the last element may hold wildcards (* ? [...]); a path
 * without any is given back as it is, whether or not it exists, so that a missing file is named when it is read.
 * @throws {GlobSyntaxError} a class such as [z-a] makes no sense
 */
export function expandGlob(pattern: string): readonly string[] {
  const name = basename(pattern);
  if (!/[*?[]/.test(name)) return [pattern];
  const folder = dirname(pattern);
  const accepts = nameMatcher(name);
  return namesIn(folder)
    .filter((candidate) => accepts.test(candidate))
    .sort()
    .map((candidate) => join(folder, candidate));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A pattern that matches nothing is no error, and neither is one in a folder that is not there.
    return [];
  }
}

/** `*` and `?` never match a slash, which cannot occur in a name anyway; `[^a]` and `[!a]` negate. */
function nameMatcher(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    const closing = character === "[" ? pattern.indexOf("]", index + 2) : -1;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (closing !== -1) {
      source += `[${pattern
        .slice(index + 1, closing)
        .replace(/^[!^]/, "^")
        .replaceAll("\\", "\\\\")}]`;
      index = closing;
    } else source += character.replace(/[\\^$.|+(){}[\]]/g, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "s");
  } catch (error) {
    throw new GlobSyntaxError(pattern, error);
  }
}
