// Installs and builds what is missing, and nothing else.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockHash, readStamp, root, sourceHash, writeStamp } from "./stamp.mjs";
import { npmCommand, runStep } from "./steps.mjs";

/** @param {{ dev: boolean }} options dev: with the tools for tests and checks */
export async function ensureInstalled({ dev }) {
  const wanted = lockHash();
  const isInstalled =
    existsSync(join(root, "node_modules", ".package-lock.json")) &&
    (readStamp("install-dev") === wanted || (!dev && readStamp("install") === wanted) || installedByHand(dev));
  if (isInstalled) return;
  const [command, ...args] = npmCommand();
  const title = dev ? "install with development tools" : "install";
  const done = await runStep(title, command, [
    ...args,
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    ...(dev ? [] : ["--omit=dev"]),
  ]);
  if (!done) fail("npm could not install the packages; the reason stands above. Is the registry reachable?");
  writeStamp(dev ? "install-dev" : "install", wanted);
}

/** Somebody ran `npm ci` or `npm install`: no stamp, but what is needed is there. */
function installedByHand(dev) {
  if (readStamp("install") !== "" || readStamp("install-dev") !== "") return false;
  const needed = dev ? ["typescript", "vite", "vitest"] : ["typescript", "vite"];
  return needed.every((name) => existsSync(join(root, "node_modules", name)));
}

export async function ensureBuilt({ force = false } = {}) {
  const wanted = sourceHash();
  if (!force && readStamp("build") === wanted) return;
  const bin = (name, file) => join(root, "node_modules", name, file);
  const built =
    (await runStep("compile", process.execPath, [bin("typescript", "bin/tsc"), "-b"])) &&
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
