import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The files of one folder of the conformance data by name, or null when the data is not there. */
export function conformanceFolder(name: string): ReadonlyMap<string, string> | null {
  const shared = process.env["TATOU_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
  const folder = `${shared}/conformance/${name}`;
  if (!existsSync(folder)) return null;
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(`${folder}/${file}`, "utf8")]));
}
