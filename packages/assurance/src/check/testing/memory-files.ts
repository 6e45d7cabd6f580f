import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProjectFiles } from "../project-files.ts";

/** Files by path, in memory. */
export function memoryFiles(texts: Readonly<Record<string, string>>): ProjectFiles {
  return {
    paths: Object.keys(texts).toSorted(),
    read: (path) => {
      const text = texts[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    exists: (path) => texts[path] !== undefined,
  };
}

/** The texts of a directory's files, those in the named folders (or all), by path from its root. */
export function readTexts(root: string, folders: readonly string[] = [""]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, "");
      if (entry.isFile() && !path.includes("node_modules") && !path.includes("dist/"))
        texts[path] = readFileSync(join(root, path), "utf8");
    }
  }
  return texts;
}
