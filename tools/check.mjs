// npm run check: everything that can be said about the code without running it.
import { join } from "node:path";
import { ensureInstalled } from "./lib/prepare.mjs";
import { root } from "./lib/stamp.mjs";
import { requireNode, runStep } from "./lib/steps.mjs";

requireNode();
await ensureInstalled({ dev: true });
const bin = (path) => join(root, "node_modules", path);
// The parser of the layer check cannot read .tsx; what the pages may import is checked by tidy.
const layered = ["packages", "apps/server", "apps/engine", "apps/alerts", "apps/dashboards", "apps/cli"];
const steps = [
  ["format", bin("@biomejs/biome/bin/biome"), ["ci", "--colors=off", "."]],
  ["types of each environment", bin("typescript/bin/tsc"), ["-b"]],
  ["types of the tests", bin("typescript/bin/tsc"), ["-p", "tsconfig.tests.json"]],
  ["lint", bin("oxlint/bin/oxlint"), ["--type-aware", "--deny-warnings"]],
  ["layers", bin("dependency-cruiser/bin/dependency-cruise.mjs"), ["--config", ".dependency-cruiser.cjs", ...layered]],
  ["unused code", bin("knip/bin/knip.js"), ["--no-progress"]],
  ["tidy", join(root, "tools/tidy.mjs"), []],
];
let passed = true;
for (const [title, script, args] of steps)
  passed = (await runStep(title, process.execPath, [script, ...args])) && passed;
process.exit(passed ? 0 : 1);
