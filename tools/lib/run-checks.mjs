import { join } from "node:path";
import { ensureInstalled } from "./prepare.mjs";
import { root } from "./stamp.mjs";
import { runStep } from "./steps.mjs";

const packageFile = (path) => join(root, "node_modules", path);
// The parser of the layer check cannot read .tsx; what the pages may import is checked by tidy.
const layered = ["packages", "apps/server", "apps/engine", "apps/alerts", "apps/dashboards", "apps/cli"];
const steps = [
  { title: "format", script: packageFile("@biomejs/biome/bin/biome"), args: ["ci", "--colors=off", "."] },
  { title: "types of each environment", script: packageFile("typescript/bin/tsc"), args: ["-b"] },
  { title: "types of the tests", script: packageFile("typescript/bin/tsc"), args: ["-p", "tsconfig.tests.json"] },
  { title: "lint", script: packageFile("oxlint/bin/oxlint"), args: ["--type-aware", "--deny-warnings"] },
  {
    title: "layers",
    script: packageFile("dependency-cruiser/bin/dependency-cruise.mjs"),
    args: ["--config", ".dependency-cruiser.cjs", ...layered],
  },
  { title: "unused code", script: packageFile("knip/bin/knip.js"), args: ["--no-progress"] },
  { title: "tidy", script: join(root, "tools/tidy.mjs"), args: [] },
];

/** Runs every step, also behind one that failed, and ends the process with 1 when one did. */
export async function runChecks() {
  await ensureInstalled({ dev: true });
  const failed = [];
  for (const { title, script, args } of steps)
    if (!(await runStep(title, process.execPath, [script, ...args]))) failed.push(title);
  if (failed.length > 0) process.stdout.write(`\n${failed.length} of ${steps.length} failed: ${failed.join(", ")}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
}
