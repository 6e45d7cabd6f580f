import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestProcess } from "../lib/processes.ts";

/**
 * The files name the services as compose does, with their standard ports. A peer that reads them unchanged therefore
 * gets what compose would give it: a machine of its own for every name. Here that is a loopback address for every name,
 * and a mount namespace whose /etc/hosts knows them.
 */
export type Hosts = Readonly<Record<string, string>>;

/** Mounts the first argument on /etc/hosts and becomes the rest; the process id stays that of the caller's child. */
const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
/** In a user namespace of its own, anybody may mount. */
const unshareFlags = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--map-root-user"];

/** Whether this machine lets a test have an /etc/hosts of its own. */
export function canNameHosts(): boolean {
  return spawnSync("unshare", [...unshareFlags, "sh", "-c", script, "/dev/null", "true"]).status === 0;
}

/** Addresses for a test's services, others than those of tests that run at the same time. */
export function hostsOf<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, string>> {
  const network = `127.5.${(process.pid % 254) + 1}`;
  const entries = names.map((name, index) => [name, `${network}.${index + 1}`] as const);
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** Starts a program that finds these hosts under these names; the folder takes the file that says so. */
export function startWithHosts(
  { hosts, folder }: { readonly hosts: Hosts; readonly folder: string },
  command: string,
  args: readonly string[],
): TestProcess {
  const file = join(folder, "hosts");
  const lines = Object.entries({ localhost: "127.0.0.1", ...hosts }).map(([name, address]) => `${address} ${name}\n`);
  writeFileSync(file, lines.join(""));
  return new TestProcess("unshare", [...unshareFlags, "sh", "-c", script, file, command, ...args]);
}
