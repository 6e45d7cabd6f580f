// Runs the steps of a longer work one after the other and shows which one is under way and for how long.
import { spawn } from "node:child_process";
import { root } from "./stamp.mjs";

const interactive = process.stdout.isTTY && process.env.CI === undefined;

/**
 * Runs a program quietly; its output is shown only when it fails.
 * @returns {Promise<boolean>} whether it ended with 0
 */
export async function runStep(title, command, args, options = {}) {
  const startedMs = Date.now();
  const output = [];
  // What is captured is read by people and machines alike: no colours, whatever the terminal would take.
  const env = { ...process.env, NO_COLOR: "1" };
  delete env.FORCE_COLOR;
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env, ...options });
  child.stdout.on("data", (bytes) => output.push(bytes));
  child.stderr.on("data", (bytes) => output.push(bytes));
  const timer = interactive ? setInterval(() => draw("·", title, startedMs), 200) : undefined;
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      resolve(-1);
    });
    child.on("close", resolve);
  });
  clearInterval(timer);
  draw(code === 0 ? "✓" : "✗", title, startedMs);
  process.stdout.write("\n");
  if (code !== 0) process.stdout.write(Buffer.concat(output));
  return code === 0;
}

function draw(mark, title, startedMs) {
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${interactive ? "\r\u001b[K" : ""}  ${mark} ${title.padEnd(34)} ${seconds.padStart(6)} s`);
}

/** How npm is called from a script that npm started, also where `npm` is a .cmd file. */
export function npmCommand() {
  const execPath = process.env.npm_execpath;
  return execPath?.endsWith(".js") ? [process.execPath, execPath] : [process.platform === "win32" ? "npm.cmd" : "npm"];
}
