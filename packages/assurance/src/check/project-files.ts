/** The files of a project, as far as a check reads any. Paths are relative to its directory, with `/` between parts. */
export interface ProjectFiles {
  /** Sorted. */
  readonly paths: readonly string[];
  /** Files and directories that the user who checks may not read; they are not among the paths. */
  readonly unreadable?: readonly string[];
  /** @throws when it cannot be read */
  read(path: string): string;
  /** Also of files that are not among the paths. */
  exists(path: string): boolean;
}

/** The paths that a pattern of a configuration file stands for; only its last part may hold `*`. */
export function matchingPaths(paths: readonly string[], pattern: string): readonly string[] {
  const normal = normalPath(pattern);
  if (!normal.includes("*")) return paths.filter((path) => path === normal);
  const parts = normal.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join("[^/]*")}$`);
  return paths.filter((path) => expression.test(path));
}

/** Without `.` and `..`. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
