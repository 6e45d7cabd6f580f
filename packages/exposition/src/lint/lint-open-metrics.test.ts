import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lintOpenMetrics } from "./lint-open-metrics.ts";

const shared = process.env["TATOU_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
const folder = `${shared}/conformance/openmetrics`;

test.skipIf(!existsSync(folder))("gives the verdict of the OpenMetrics parser suite", () => {
  const names = readdirSync(folder);
  const wrong: string[] = [];
  for (const name of names) {
    const { shouldParse } = JSON.parse(readFileSync(`${folder}/${name}/test.json`, "utf8")) as { shouldParse: boolean };
    const problem = lintOpenMetrics(readFileSync(`${folder}/${name}/metrics`));
    if ((problem === null) !== shouldParse) wrong.push(`${name}: ${problem?.message ?? "accepted"}`);
  }
  console.log(
    `conformance: ${names.length} files of openmetrics, ${names.length - wrong.length} with the right verdict`,
  );
  expect(wrong).toEqual([]);
});
