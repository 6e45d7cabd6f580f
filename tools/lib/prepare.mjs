// Installs and builds what is missing, and nothing else.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lockHash, readStamp, root, sourceHash, writeStamp } from "./stamp.mjs";
import { npmCommand, runStep } from "./steps.mjs";

/** @param {{ dev: boolean }} options dev: with the tools for tests and checks */
export async function ensureInstalled({ dev }) {
  const wanted = lockHash();
  if (existsSync(join(root, "node_modules")) && stampsFor(dev).some((name) => readStamp(name) === wanted)) return;
  if (!isInstalledByHand(dev)) await install(dev);
  writeStamp(dev ? "install-dev" : "install", wanted);
}

/** An installation with development tools is also one without. */
function stampsFor(dev) {
  return dev ? ["install-dev"] : ["install", "install-dev"];
}

async function install(dev) {
  const [command, ...args] = npmCommand();
  const flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", ...(dev ? [] : ["--omit=dev"])];
  const title = dev ? "install with development tools" : "install";
  if (await runStep(title, command, [...args, ...flags])) return;
  fail("npm could not install the packages; the reason stands above. Is the registry reachable?");
}

/** Somebody ran npm: its own note of what is installed holds every version that the lock asks for. */
function isInstalledByHand(dev) {
  const note = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith("node_modules/") ||
      entry.optional === true ||
      entry.devOptional === true ||
      (entry.dev === true && !dev) ||
      installed[path]?.version === entry.version,
  );
}

/** Somebody may have cleaned up and left the stamp. */
const builtFiles = ["apps/cli/dist/bundle/main.js", "apps/web/dist/engine.html"];

/** @param {{ dev: boolean, forceBuild?: boolean }} options forceBuild: also when the last build seems up to date */
export async function prepare({ dev, forceBuild = false }) {
  await ensureInstalled({ dev });
  await ensureBuilt({ force: forceBuild });
}

async function ensureBuilt({ force }) {
  const wanted = sourceHash();
  if (!force && readStamp("build") === wanted && builtFiles.every((file) => existsSync(join(root, file)))) return;
  const bin = (name, file) => join(root, "node_modules", name, file);
  const built =
    (await runStep("compile", process.execPath, [bin("typescript", "bin/tsc"), "-b"])) &&
    (await runStep("bundle the programs", process.execPath, [join(root, "tools/bundle.mjs")])) &&
    (await runStep("bundle the pages", process.execPath, [bin("vite", "bin/vite.js"), "build", "--logLevel=warn"], {
      cwd: join(root, "apps/web"),
    }));
  if (!built) fail("The build failed; the reason stands above.");
  writeStamp("build", wanted);
}

function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
