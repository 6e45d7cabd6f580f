import { Command } from "@commander-js/extra-typings";
import { createSystemClock } from "@tatou/http";
import { type InitServerResult, initServer } from "@tatou/server";
import { exitCodeRefused } from "../exit-codes.ts";
import { problemText } from "../problem-text.ts";

const helpText = `
Makes a key pair of the server, a key for watermarks, a key that signs tokens, a
document to hand out, and for each --identity a key pair of a client. Files that
exist stay as they are. A client needs server_pub.asc, its own
client-secrets/<name>_priv.asc, and nothing else.`;

/** `tatou server init`: keys, secrets and folders for a server with RMAP. */
export function serverInitCommand() {
  return new Command("init")
    .description("make keys, secrets and folders for a server with RMAP")
    .option("--keys-dir <directory>", "where the keys go", "./keys")
    .option("--storage-dir <directory>", "holds documents and the database", "./storage")
    .option(
      "--identity <name>",
      "make a key pair for a client of this name too; may be repeated",
      append,
      [] as string[],
    )
    .option("--force", "make everything anew, also what exists: what was made with the old keys is lost")
    .addHelpText("after", helpText)
    .action(async ({ keysDir, storageDir, identity, force }) => {
      try {
        const nowMs = createSystemClock().nowMs();
        const result = await initServer({ keysDir, storageDir, identities: identity, isForced: force === true, nowMs });
        process.stdout.write(initText(result));
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = exitCodeRefused;
      }
    });
}

function append(name: string, before: readonly string[]): string[] {
  return [...before, name];
}

/** What was done, and the lines that go into `.env` or in front of `tatou server`. */
export function initText({ made, kept, environment }: InitServerResult): string {
  const lines = [
    ...made.map((path) => `made  ${path}`),
    ...kept.map((path) => `kept  ${path}`),
    "",
    "Start the server with",
    ...Object.entries(environment).map(([name, value]) => `  ${name}=${value}`),
  ];
  return `${lines.join("\n")}\n`;
}
