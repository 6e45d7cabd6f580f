// npm start: from a bare checkout to the running stack.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled } from "./lib/prepare.mjs";
import { root } from "./lib/stamp.mjs";
import { requireNode } from "./lib/steps.mjs";

requireNode();
await ensureInstalled({ dev: false });
await ensureBuilt();

const child = spawn(process.execPath, [join(root, "apps/cli/bin/tatou.mjs"), "up", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// The terminal sends Ctrl-C to the whole group; the command itself decides when to end, and this process ends with it.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => name !== "SIGINT" && child.kill(name));
child.on("close", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));
