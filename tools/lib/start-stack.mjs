// Installs and builds what is missing, then becomes `tatou up`: one process for both, so that Ctrl-C, kill and the
// exit code mean what they mean for the command itself.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare } from "./prepare.mjs";
import { root } from "./stamp.mjs";

/** @param {readonly string[]} args the flags of `tatou up` */
export async function startStack(args) {
  await prepare({ dev: false });
  const { runTatou } = await import(pathToFileURL(join(root, "apps/cli/bin/run-tatou.mjs")).href);
  await runTatou(["up", ...args]);
}
