import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ConfigurationFiles } from "./load-configuration.ts";

/** The files of this machine. */
export const diskFiles: ConfigurationFiles = {
  read: (path) => readFile(path, "utf8"),
  async glob(pattern) {
    const folder = dirname(pattern);
    const parts = basename(pattern)
      .split("*")
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const names = new RegExp(`^${parts.join(".*")}$`);
    try {
      const found = (await readdir(folder)).filter((name) => names.test(name)).sort();
      return found.map((name) => join(folder, name));
    } catch {
      // As in Alertmanager, a folder that is not there holds no templates.
      return [];
    }
  },
};
