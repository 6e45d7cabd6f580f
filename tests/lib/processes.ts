import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const tatouCommand = join(repository, "apps/cli/bin/tatou.mjs");

/** Whether a program of the machine can be run; tests of peers are skipped by name where it cannot. */
export function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

export interface TestProcessOptions {
  /** Beside the test's own; undefined takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: "ignore" | "pipe";
  /** In a process group of its own, as a shell starts a command: a signal to the group does not reach the test. */
  readonly detached?: boolean;
}

/** A process of a test, with what it printed. */
export class TestProcess {
  readonly #child: ChildProcess;
  #output = "";
  readonly closed: Promise<number | null>;

  constructor(command: string, args: readonly string[], options: TestProcessOptions = {}) {
    const { env, stdin = "ignore", ...rest } = options;
    this.#child = spawn(command, args, {
      stdio: [stdin, "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: undefined, ...env },
      ...rest,
    });
    this.#child.stdout!.on("data", (bytes) => (this.#output += bytes));
    this.#child.stderr!.on("data", (bytes) => (this.#output += bytes));
    this.closed = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#output += error.message;
        resolve(-1);
      });
      this.#child.on("close", (code) => resolve(code));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Everything printed so far, without colours. */
  get output(): string {
    // oxlint-disable-next-line no-control-regex -- colours are escape sequences
    return this.#output.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
  }

  /** As it was printed. */
  get rawOutput(): string {
    return this.#output;
  }

  /** Types something; only with a pipe as stdin. */
  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.closed;
  }
}

export function startTatou(args: readonly string[], env: NodeJS.ProcessEnv = {}): TestProcess {
  return new TestProcess(process.execPath, [tatouCommand, ...args], { env });
}

/** Looks again and again until something is true; the last reason stands in the error. */
export async function until<T>(what: string, look: () => Promise<T | null | false>, timeoutMs = 30_000): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let reason = "";
  for (;;) {
    try {
      const seen = await look();
      if (seen !== null && seen !== false) return seen;
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > endMs) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const portsPerProcess = 100;
/**
 * Below the ports that systems give out by themselves, so that no connection takes one before it is used, and in a part
 * of their own for each process of tests.
 */
const firstPort = 10_000 + (process.pid % 200) * portsPerProcess;
let lookedAtCount = 0;

/** Ports nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = firstPort + (lookedAtCount++ % portsPerProcess);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export async function getText(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  return response.text();
}

export async function getJson<T>(url: string, init?: RequestInit): Promise<T> {
  return JSON.parse(await getText(url, init)) as T;
}
