import { readdirSync, readFileSync } from "node:fs";
import { freePorts, startTatou, type TestProcess, until } from "./processes.ts";

export const stackNames = ["server", "engine", "alerts", "dashboards"] as const;
export type StackName = (typeof stackNames)[number];

/** Where the four programs of one test listen. */
export interface StackPlace {
  readonly ports: Readonly<Record<StackName, number>>;
  readonly urls: Readonly<Record<StackName, string>>;
  /** For `tatou up`. */
  readonly args: readonly string[];
}

/** Free ports for a whole stack that keeps everything in a folder. */
export async function stackPlace(folder: string): Promise<StackPlace> {
  const free = await freePorts(stackNames.length);
  const each = <T>(value: (port: number) => T): Record<StackName, T> =>
    Object.fromEntries(stackNames.map((name, index) => [name, value(free[index]!)])) as Record<StackName, T>;
  const ports = each((port) => port);
  const urls = each((port) => `http://localhost:${port}`);
  const listen = stackNames.map((name) => `--${name}.listen=127.0.0.1:${ports[name]}`);
  return { ports, urls, args: [`--state-dir=${folder}`, ...listen] };
}

/** Starts `tatou up` and waits until it says that all programs are ready. */
export async function startStack(args: readonly string[]): Promise<TestProcess> {
  const stack = startTatou(["up", ...args]);
  await untilUp(stack);
  return stack;
}

/** Waits for the screen that a start ends on; an early end or a long wait shows what was printed instead. */
export async function untilUp(stack: TestProcess): Promise<void> {
  let hasEnded = false;
  void stack.closed.then(() => (hasEnded = true));
  await until("the stack to be up", async () => hasEnded || stack.output.includes("are up"), 60_000).catch(() => {});
  if (!stack.output.includes("are up")) throw new Error(`The stack did not come up:\n${stack.output}`);
}

/** The processes that a process has started, itself left out; with their command lines. Linux only. */
export function childrenOf(pid: number): readonly { readonly pid: number; readonly command: string }[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(Number(name)) }));
  const found: number[] = [];
  for (const parents = [pid]; parents.length > 0; ) {
    const parent = parents.shift();
    const next = children.filter((child) => child.parent === parent).map((child) => child.pid);
    found.push(...next);
    parents.push(...next);
  }
  return found.map((child) => ({
    pid: child,
    command: readOrEmpty(`/proc/${child}/cmdline`).replaceAll("\0", " ").trim(),
  }));
}

/** The process of one program of a stack. */
export function programPid(stackPid: number, program: StackName): number {
  const found = childrenOf(stackPid).find(({ command }) => command.includes(`tatou.mjs ${program}`));
  if (found === undefined) throw new Error(`No process of ${program} below ${stackPid}`);
  return found.pid;
}

/** A process that has ended and waits for its parent to notice (a zombie) is gone, too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^State:\s+Z/m.test(readOrEmpty(`/proc/${pid}/status`));
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? -1);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
