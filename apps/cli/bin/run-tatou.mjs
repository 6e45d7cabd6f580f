// Runs what was built: the bundle, which starts fast and is small in memory, unless something was compiled after it.
import { readdirSync, statSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const dist = join(root, "apps/cli/dist");

/** @param {readonly string[]} args what stands behind `tatou` */
export async function runTatou(args) {
  const { run } = await importNewest({ bundled: "main.js", compiled: "main.js" });
  await run(args);
}

/** @param {{ bundled: string, compiled: string }} file the same module in the bundle and among the compiled files */
export async function importNewest({ bundled, compiled }) {
  const file = newestBuild(join(dist, "bundle", bundled), join(dist, compiled));
  if (file === null) {
    process.stderr.write("Cannot run tatou: it is not built yet\n  Run `npm start`, or `npm run build`, once\n");
    process.exit(1);
  }
  // From Node 22.8 on, the next start finds the machine code of this one.
  module.enableCompileCache?.(join(root, "node_modules/.tatou/compile-cache"));
  return import(pathToFileURL(file).href);
}

function newestBuild(bundle, compiled) {
  const bundledMs = modifiedMs(bundle);
  if (bundledMs > 0 && bundledMs >= lastCompiledMs()) return bundle;
  return modifiedMs(compiled) > 0 ? compiled : null;
}

/** The compiler touches its note in each package that it compiles. */
function lastCompiledMs() {
  const notes = ["packages", "apps"].flatMap((layer) =>
    readdirSync(join(root, layer)).map((name) => join(root, layer, name, "dist/.tsbuildinfo")),
  );
  return Math.max(0, ...notes.map(modifiedMs));
}

/** 0 for a file that is not there. */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
