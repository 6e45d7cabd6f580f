// npm run bench:start: how long the built stack takes until it says that it is up, and what processor time that costs (Linux).
// The first start makes keys, databases and the admin's password; the others find them.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" }, base: { type: "string", default: "42100" } },
});
const clockTickMs = 10;
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tatou-start-"));
const args = [join(root, "tools/start.mjs"), `--state-dir=${folder}`];
for (const [index, name] of ["server", "engine", "alerts", "dashboards"].entries())
  args.push(`--${name}.listen=127.0.0.1:${Number(values.base) + index}`);

try {
  for (let run = 1; run <= Number(values.runs); run++) {
    const { seconds, processes } = await startOnce();
    const sumMs = processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    console.log(
      `${run === 1 ? "first start" : "next start "} ${seconds.toFixed(2)} s, processor ${(sumMs / 1000).toFixed(2)} s`,
    );
    for (const { name, cpuMs } of processes) console.log(`    ${String(cpuMs).padStart(5)} ms  ${name}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function startOnce() {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      output += bytes;
      if (output.includes("are up")) resolve();
    });
    child.once("close", () => reject(new Error(`The stack did not start\n${output}`)));
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const processes = processTree(child.pid).map((pid) => ({ name: nameOf(pid), cpuMs: cpuMsOf(pid) }));
  child.kill("SIGINT");
  await closed;
  return { seconds, processes };
}

function processTree(pid) {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statFields(name)[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (let index = 0; index < found.length; index++) found.push(...(children.get(found[index]) ?? []));
  return found;
}

/** What stands in /proc/PID/stat behind the command's name: state, parent, ... */
function statFields(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function cpuMsOf(pid) {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * clockTickMs;
}

function nameOf(pid) {
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  return words
    .filter((word) => word !== "" && !word.startsWith("-"))
    .slice(1, 3)
    .join(" ");
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
