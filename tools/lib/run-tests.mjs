import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { root } from "./stamp.mjs";

/** @param {readonly string[]} args for the test runner, such as a part of a file's name */
export async function runTests(args) {
  await prepare({ dev: true });
  process.exit(await reportTests(args));
}

/**
 * Runs the tests and says how it went: what was skipped by name and number, and "N passed, N failed" as the last line.
 * @returns {Promise<number>} the exit code
 */
export async function reportTests(args) {
  const { report, exitCode } = await runVitest(args);
  const counts = countResults(report, exitCode);
  for (const [name, count] of counts.skippedByName)
    console.log(`skipped: ${name}${count === 1 ? "" : ` (${count} tests)`}`);
  for (const reason of counts.brokenReasons) console.log(`failed: ${reason}`);
  console.log(conformanceText());
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  // The last line, and nothing else on it: people and gates read it.
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return exitCode === 0 && counts.failed === 0 ? 0 : 1;
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), "tatou-test-"));
  const reportFile = join(folder, "report.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [vitest, "run", "--silent=passed-only", ...reporters, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  const exitCode = await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  try {
    return { exitCode, report: JSON.parse(readFileSync(reportFile, "utf8")) };
  } catch {
    return { exitCode, report: { testResults: [] } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From the runner's report: what passed, failed and was skipped, and what failed without being a test. */
function countResults(report, exitCode) {
  const results = report.testResults.flatMap((file) => file.assertionResults);
  const withStatus = (...statuses) => results.filter(({ status }) => statuses.includes(status));
  // A file that cannot be loaded, or whose preparation failed, has no failed test and is a failure all the same.
  const brokenReasons = report.testResults
    .filter((file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"))
    .map((file) => `${file.name}: ${String(file.message).split("\n")[0]}`);
  const failedTests = withStatus("failed").length;
  if (exitCode !== 0 && failedTests + brokenReasons.length === 0)
    brokenReasons.push(`the test runner ended with code ${exitCode}; the reason stands above`);
  const skipped = withStatus("pending", "skipped", "todo", "disabled");
  const skippedByName = new Map();
  for (const { ancestorTitles, title } of skipped) {
    const name = ancestorTitles[0] ?? title;
    skippedByName.set(name, (skippedByName.get(name) ?? 0) + 1);
  }
  return {
    passed: withStatus("passed").length,
    failed: failedTests + brokenReasons.length,
    skipped: skipped.length,
    skippedByName,
    brokenReasons,
  };
}

/** Whether the data of the originals was there to test against: a run without it proves less. */
function conformanceText() {
  const folder = join(process.env.TATOU_SHARED ?? join(root, "../shared"), "conformance");
  if (!existsSync(folder)) return "conformance: absent";
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/^(?:README|LICENSE|NOTICE)/.test(entry.name),
  );
  return `conformance: ${files.length} files`;
}
