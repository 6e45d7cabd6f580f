// npm test: installs and builds what is missing, runs every test, and ends with one line of counts.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled } from "./lib/prepare.mjs";
import { root } from "./lib/stamp.mjs";
import { requireNode } from "./lib/steps.mjs";

requireNode();
await ensureInstalled({ dev: true });
await ensureBuilt();

const folder = mkdtempSync(join(tmpdir(), "tatou-test-"));
const reportFile = join(folder, "report.json");
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const args = [
  vitest,
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
const code = await new Promise((resolve) => child.on("close", resolve));
const report = JSON.parse(readFileSync(reportFile, "utf8"));
rmSync(folder, { recursive: true });

const skipped = report.testResults
  .flatMap((file) => file.assertionResults)
  .filter((result) => result.status === "pending" || result.status === "skipped");
for (const name of new Set(skipped.map((result) => result.ancestorTitles[0] ?? result.title)))
  console.log(`skipped: ${name}`);
// A file that cannot be loaded has no test to count, and is a failure all the same.
const brokenFiles = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.length === 0,
).length;
const failed = report.numFailedTests + brokenFiles;
console.log(
  `${report.numPassedTests} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
);
process.exit(code === 0 && failed === 0 ? 0 : 1);
