// Starts, asks and ends the process of platform-process.mjs.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("platform-process.mjs", import.meta.url));

/** @param {Record<string, string>} environment on top of generous limits: a bench is no attack */
export async function startPlatform(environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tatou-bench-"));
  const child = fork(program, [], {
    // As `tatou up` starts it.
    execArgv: ["--max-semi-space-size=2", "--max-old-space-size=512"],
    env: {
      ...process.env,
      STORAGE_DIR: folder,
      LOG_LEVEL: "info",
      RATE_LIMIT_GLOBAL_PER_MINUTE: "1000000",
      ...environment,
    },
  });
  const { port } = await nextMessage(child);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    /** @param isCounting from now on; as before when absent */
    usage: (isCounting) => {
      const answer = nextMessage(child);
      child.send({ isCounting });
      return answer;
    },
    close: async () => {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function nextMessage(child) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`The platform ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

/** Signs a user up and in. @returns the header that proves it */
export async function signIn(url, { email, login, password }) {
  const post = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  await post("/api/create-user", { email, login, password });
  const { token } = await post("/api/login", { email, password });
  return { authorization: `Bearer ${token}` };
}

export const median = (numbers) => quantile(numbers, 0.5);

export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}
