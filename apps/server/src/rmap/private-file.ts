import { readFileSync, statSync } from "node:fs";
import type { EnvironmentReader } from "../environment-reader.ts";

/** Permissions of everybody but the owner. */
const othersMask = 0o077;

/**
 * The value of a variable that may also lie in a file, which NAME_FILE points to; null when neither is set. A secret file
 * that others on the machine can read is a problem: it would be one only in name.
 */
export function secretFrom(reader: EnvironmentReader, name: string): string | null {
  const path = reader.optionalText(`${name}_FILE`);
  if (path === null) return reader.optionalText(name);
  if (reader.optionalText(name) !== null) {
    reader.addProblem(`${name} and ${name}_FILE are both set, expected one of them`);
    return null;
  }
  return readPrivateFile(reader, `${name}_FILE`, path);
}

function readPrivateFile(reader: EnvironmentReader, name: string, path: string): string | null {
  const shown = `${name} ${JSON.stringify(path)}`;
  try {
    // Windows has no such permissions, and reports them all as given.
    if (process.platform !== "win32" && (statSync(path).mode & othersMask) !== 0) {
      reader.addProblem(`${shown} can be read by others, expected a file of its owner alone (chmod 600)`);
      return null;
    }
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (text === "") reader.addProblem(`${shown} is empty, expected the secret`);
    return text === "" ? null : text;
  } catch {
    reader.addProblem(`${shown} cannot be read, expected a file with the secret`);
    return null;
  }
}
