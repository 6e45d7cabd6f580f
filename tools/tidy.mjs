// The rules of this repository that no off-the-shelf tool knows.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/stamp.mjs";

const findings = [];
const tracked = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
});
const files = tracked.stdout.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));

clockRule();
layersAreChecked();
pagesStayPure();
packagesHaveOneShape();
lockNamesEveryPlatform();

for (const finding of findings) console.log(finding);
console.log(`${files.length} files, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);

/** Every wait and every "now" goes through a Clock, else virtual time lies. */
function clockRule() {
  const forbidden = /\b(?:Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|performance\.now\()/;
  // The one place where the platform's clock is read; what runs in a browser or on a terminal, where time is the user's; and
  // what looks how long it has kept the thread for itself, which virtual time does not know.
  const allowed =
    /^(packages\/(http\/src\/clock\/|tsdb\/src\/turns)|apps\/(web|cli)\/|apps\/server\/(pages|src\/pdf\/pdf-worker))/;
  for (const file of files) {
    if (
      !/^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(file) ||
      /\.(test|bench)\.ts$|\/testing\//.test(file) ||
      allowed.test(file)
    )
      continue;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((line, index) => {
        const code = line.replace(/^\s*(\*|\/\/).*/, "");
        if (forbidden.test(code))
          findings.push(`${file}:${index + 1}: time is taken from the platform, expected a Clock: ${line.trim()}`);
      });
  }
}

/** A layer rule that cruises nothing passes for the wrong reason. */
function layersAreChecked() {
  const cruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const run = spawnSync(
    process.execPath,
    [cruise, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "packages/model", "packages/promql"],
    { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const { totalCruised = 0, totalDependenciesCruised = 0 } = JSON.parse(run.stdout || "{}").summary ?? {};
  if (totalCruised < 20 || totalDependenciesCruised < 20)
    findings.push(
      `.dependency-cruiser.cjs: only ${totalCruised} modules were read, expected the sources of two packages`,
    );
}

/** The pages take everything but vocabulary and pure logic over HTTP. */
function pagesStayPure() {
  const allowed = new Set(["@tatou/model", "@tatou/kernels", "@tatou/promql", "@tatou/dashboard-model", "@tatou/api"]);
  for (const file of files) {
    if (!/^apps\/web\/src\/.*\.tsx?$/.test(file)) continue;
    for (const [, name] of readFileSync(join(root, file), "utf8").matchAll(/from "((?:@tatou\/|node:)[^"]+)"/g)) {
      if (!allowed.has(name) && !/\.test\.tsx?$/.test(file))
        findings.push(`${file}: imports ${name}, expected one of ${[...allowed].join(", ")}`);
    }
  }
}

function packagesHaveOneShape() {
  for (const layer of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, layer))) {
      for (const needed of ["README.md", "package.json", "tsconfig.json"]) {
        if (!existsSync(join(root, layer, name, needed))) findings.push(`${layer}/${name}: ${needed} is missing`);
      }
    }
  }
}

/** npm can write a lock without the binaries of other platforms; `npm ci` then fails there and nowhere else. */
function lockNamesEveryPlatform() {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries(lock)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (resolveInLock(lock, path, name) === undefined)
        findings.push(`package-lock.json: ${path} wants ${name}, which is not in the lock`);
    }
  }
}

function resolveInLock(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules") - 1))) {
    const entry = lock[folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (entry !== undefined || folder === "") return entry;
  }
}
