import { readdir, readFile, readlink } from "node:fs/promises";

/** The process that listens on a port. */
export interface PortOwner {
  readonly pid: number;
  /** The start of its command line, without arguments that could hold secrets. */
  readonly command: string;
}

/**
 * Who listens on a TCP port of this machine, as far as can be seen: on Linux, processes of the same user (all of them
 * for root). Follows /proc/net/tcp to the socket's inode and looks for the process that holds it.
 */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"])
    for (const inode of listeningInodes(await readOrEmpty(table), port)) inodes.add(`socket:[${inode}]`);
  if (inodes.size === 0) return undefined;
  for (const pid of await listOrEmpty("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await listOrEmpty(`/proc/${pid}/fd`))
      if (inodes.has(await linkOrEmpty(`/proc/${pid}/fd/${fd}`)))
        return { pid: Number(pid), command: commandName(await readOrEmpty(`/proc/${pid}/cmdline`)) };
  }
  return undefined;
}

/** The columns are: slot, local address as HEX:PORT, remote address, state (0A is listening), ..., inode in the tenth. */
function listeningInodes(table: string, port: number): string[] {
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  const listening = rows.filter((row) => row[3] === "0A" && Number.parseInt(row[1]?.split(":")[1] ?? "", 16) === port);
  return listening.flatMap((row) => row[9] ?? []);
}

/** Program, and for an interpreter also its script: `node apps/cli/bin/tatou.mjs`. */
function commandName(cmdline: string): string {
  const words = cmdline.split("\0").filter((word) => word !== "");
  const program = words[0]?.split("/").at(-1) ?? "a process without a name";
  const script = words.slice(1).find((word) => !word.startsWith("-"));
  const interpreted = /^(?:node|python|ruby|perl|java|bash|sh)/.test(program);
  return interpreted && script !== undefined ? `${program} ${script}` : program;
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function listOrEmpty(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

async function linkOrEmpty(path: string): Promise<string> {
  return readlink(path).catch(() => "");
}
