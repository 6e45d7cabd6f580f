import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { createSystemClock, listenProblem } from "@tatou/http";
import { createServer, initServer, isRmapConfigured, readServerSettings } from "@tatou/server";
import { hostProgram } from "../program-host.ts";
import { serverBackupCommand } from "./server-backup.ts";
import { serverInitCommand } from "./server-init.ts";
import { serverRestoreCommand } from "./server-restore.ts";

const environmentHelp = `
Environment:
  HOST, PORT              where to listen (default 127.0.0.1, 5000)
  STORAGE_DIR             holds documents and the database (default ./storage)
  SECRET_KEY              signs the tokens, at least 32 bytes (default random)
  SECRET_KEY_FILE         holds the key instead; made when it is not there
  RMAP_KEYS_DIR           holds the keys of RMAP; \`tatou server init\` makes them
                          and says which variables belong to them
  LOG_LEVEL               least severity to log (default info)
  All of them: docs/server-environment.md`;

/** Of the throw-away set, so that there is somebody to try RMAP with. */
const demoIdentity = "demo";

/** `tatou server`: the platform alone. It is configured by its environment, as the original is. */
export function serverCommand() {
  return new Command("server")
    .option("--rmap.demo-dir <directory>", "make keys for RMAP there when none are set, so that it can be tried")
    .addHelpText("after", environmentHelp)
    .action((options) => hostProgram(() => startServer(options["rmap.demoDir"])))
    .addCommand(serverInitCommand())
    .addCommand(serverBackupCommand())
    .addCommand(serverRestoreCommand());
}

async function startServer(demoDirectory: string | undefined) {
  const environment = await withRmap(withoutEmpty(process.env), demoDirectory);
  const keyFile = environment["SECRET_KEY_FILE"];
  if (keyFile !== undefined && environment["SECRET_KEY"] === undefined) ensureKeyFile(keyFile);
  const settings = readServerSettings(environment);
  const server = await createServer({ settings, clock: createSystemClock(), log: process.stdout });
  const { host, port } = settings;
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw await listenProblem(error, { address: `${host}:${port}`, port, listenFlag: "--server.listen (or PORT)" });
  }
  return { close: () => server.close() };
}

/** Keys of its own go before a throw-away set. */
async function withRmap(
  environment: Record<string, string>,
  demoDirectory: string | undefined,
): Promise<Record<string, string>> {
  if (demoDirectory === undefined || isRmapConfigured(environment)) return environment;
  const storageDir = environment["STORAGE_DIR"] ?? join(demoDirectory, "storage");
  const nowMs = createSystemClock().nowMs();
  const made = await initServer({
    ...{ keysDir: demoDirectory, storageDir, identities: [demoIdentity], isForced: false, nowMs },
  });
  return { ...made.environment, ...environment };
}

/** An `.env` file or a compose file gives variables that nobody set as empty texts. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const set = Object.fromEntries(entries);
  // A key that was given outright goes before a file.
  if (set["SECRET_KEY"] !== undefined) delete set["SECRET_KEY_FILE"];
  return set;
}

/** Makes a signing key at the first start, so that tokens outlive a restart without anybody setting one. */
function ensureKeyFile(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
}
