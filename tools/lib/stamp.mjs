// Whether the installation and the build fit the sources: two small stamp files say what they were made from.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const stampFolder = join(root, "node_modules", ".tatou");

/** What an installation is made from. */
export function lockHash() {
  const hash = createHash("sha256");
  hash.update(readFileSync(join(root, "package-lock.json")));
  hash.update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  return hash.digest("hex");
}

/** What a build is made from: the lock and every source file, by content. */
export function sourceHash() {
  const hash = createHash("sha256");
  hash.update(lockHash());
  for (const file of sourceFiles()) {
    hash.update(file);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function sourceFiles() {
  const files = readdirSync(root).filter((name) => name.startsWith("tsconfig"));
  for (const layer of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, layer))) collect(join(layer, name), files);
  }
  collect(join("tools", "types"), files);
  files.push(join("tools", "bundle.mjs"));
  return files.sort();
}

function collect(folder, files) {
  if (!statSync(join(root, folder)).isDirectory()) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (["node_modules", "dist", "build-types", "testdata", "testing"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) collect(path, files);
    else if (/\.(ts|tsx|css|html|json|js|mjs|svg)$/.test(entry.name) && !/\.(test|bench)\.tsx?$/.test(entry.name))
      files.push(path);
  }
}

/** @param {"install" | "install-dev" | "build"} name */
export function readStamp(name) {
  const file = join(stampFolder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export function writeStamp(name, text) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), text);
}
