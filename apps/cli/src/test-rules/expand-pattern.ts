import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The files that a path or a pattern stands for, sorted; none when there are none. As in Go's filepath.Glob every element may
 * hold wildcards: * and ? for characters within an element, [a-z] and [^a-z] for classes, \ before a character for itself.
 * @throws {SyntaxError} a class has no end
 */
export function expandPattern(pattern: string): readonly string[] {
  const isAbsolute = pattern.startsWith("/");
  let found = [isAbsolute ? "/" : ""];
  for (const element of pattern.split("/").filter((part) => part !== "")) {
    const accepts = hasWildcard.test(element) ? elementMatcher(element, pattern) : null;
    found = found.flatMap((folder) => (accepts === null ? existing(join(folder, element)) : matching(folder, accepts)));
  }
  return pattern === "" ? [] : found;
}

const hasWildcard = /[*?[\\]/;

function existing(path: string): readonly string[] {
  return existsSync(path) ? [path] : [];
}

function matching(folder: string, accepts: RegExp): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder === "" ? "." : folder);
  } catch {
    // A file, or a folder that nobody may read: nothing in it matches.
    return [];
  }
  return names
    .filter((name) => accepts.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function elementMatcher(element: string, pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < element.length; index++) {
    const character = element[index]!;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      const closing = element.indexOf("]", index + 2);
      if (closing === -1) throw new SyntaxError(`syntax error in pattern ${pattern}: a [ without its ]`);
      source += `[${element.slice(index + 1, closing).replaceAll("[", "\\[")}]`;
      index = closing;
    } else {
      const literal = character === "\\" ? (element[++index] ?? "\\") : character;
      source += literal.replace(/[\\^$.|+(){}[\]*?]/g, "\\$&");
    }
  }
  return new RegExp(`^${source}$`, "su");
}
