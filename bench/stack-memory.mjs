// npm run bench:memory: the memory of the whole stack at rest, as the sum of PSS over all of its processes (Linux).
// PSS counts a page that several processes share once in all, so the sum is what the machine gives up for the stack.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, base: { type: "string", default: "42000" } },
});
const minutes = Number(values.minutes);
const base = Number(values.base);
const folder = mkdtempSync(join(tmpdir(), "tatou-memory-"));
const root = fileURLToPath(new URL("..", import.meta.url));
const args = ["start", "--", `--state-dir=${folder}`];
for (const [index, name] of ["server", "engine", "alerts", "dashboards"].entries())
  args.push(`--${name}.listen=127.0.0.1:${base + index}`);

const child = spawn("npm", args, { cwd: root, stdio: "ignore", detached: true });
try {
  for (let minute = 1; minute <= minutes; minute++) {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const rows = processTree(child.pid).map((pid) => ({
      pid,
      megabytes: pssKilobytes(pid) / 1024,
      command: commandOf(pid),
    }));
    const sum = rows.reduce((total, row) => total + row.megabytes, 0);
    console.log(`minute ${minute}: ${sum.toFixed(1)} MB in ${rows.length} processes`);
    if (minute === minutes)
      for (const row of rows) console.log(`  ${row.megabytes.toFixed(1).padStart(7)} MB  ${row.command}`);
  }
} finally {
  if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  await new Promise((resolve) => child.once("close", resolve));
  rmSync(folder, { recursive: true, force: true });
}

function processTree(pid) {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (let index = 0; index < found.length; index++) found.push(...(children.get(found[index]) ?? []));
  return found;
}

function pssKilobytes(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function commandOf(pid) {
  return read(`/proc/${pid}/cmdline`)
    .split("\0")
    .filter((word) => !word.startsWith("--"))
    .slice(0, 3)
    .join(" ");
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
