import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the compiled kernels are what their sources give", () => {
  const build = fileURLToPath(new URL("../assembly/build.mjs", import.meta.url));
  expect(() => execFileSync(process.execPath, [build, "--check"], { stdio: "pipe" })).not.toThrow();
});
