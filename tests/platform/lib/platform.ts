import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectSqlite, type SqliteConnection } from "../../../packages/sql/src/sqlite-driver.ts";
import { freePorts, startTatou, type TestProcess, until } from "../../lib/processes.ts";
import { Account } from "./account.ts";
import { type Answer, type Sent, send } from "./http.ts";

/** What a check of a fault may touch; the true platform and its broken variants look alike. */
export interface Target {
  readonly port: number;
  /** The folder around the storage folder: nothing may appear in it but the storage folder. */
  readonly folder: string;
  readonly storageFolder: string;
}

/** A signing key for tests, as long as the platform asks for. */
export const testSecretKey = "b7e0c3f2a94d4f5e8f1a6d2c9b3e7f10";

/** Nothing of the machine's own settings may reach a platform under test. */
const withoutSettings: NodeJS.ProcessEnv = {
  NODE_ENV: undefined,
  SECRET_KEY_FILE: undefined,
  LOG_LEVEL: undefined,
  METRICS_TOKEN: undefined,
  METRICS_ALLOW: undefined,
  TRUSTED_PROXIES: undefined,
};

/** The platform as a process of its own on a free port, with a storage folder of its own. */
export class Platform implements Target {
  readonly port: number;
  readonly folder: string;
  readonly process: TestProcess;

  private constructor(port: number, folder: string, child: TestProcess) {
    this.port = port;
    this.folder = folder;
    this.process = child;
  }

  static async start(env: NodeJS.ProcessEnv = {}, folder = newFolder()): Promise<Platform> {
    const [port] = await freePorts(1);
    const child = spawnPlatform(folder, { PORT: String(port), ...env });
    let exitCode: number | null | undefined;
    void child.closed.then((code) => (exitCode = code));
    await until("the platform to answer", async () => {
      if (exitCode !== undefined) throw new Error(`It ended with ${exitCode}:\n${child.output}`);
      return (await send(port!, "/healthz")).status === 200;
    });
    return new Platform(port!, folder, child);
  }

  get storageFolder(): string {
    return join(this.folder, "storage");
  }

  send(path: string, sent?: Sent): Promise<Answer> {
    return send(this.port, path, sent);
  }

  /** A new user, signed up and logged in from an address of their own. */
  newAccount(label?: string): Promise<Account> {
    return Account.create(this.port, label === undefined ? {} : { label });
  }

  async stop(): Promise<number | null> {
    const code = await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "tatou-platform-"));
}

/** Starts the platform without waiting; its storage folder is below the folder. */
export function spawnPlatform(folder: string, env: NodeJS.ProcessEnv): TestProcess {
  const rmapSettings = Object.keys(process.env).filter((name) => name.startsWith("RMAP_"));
  return startTatou(["server"], {
    ...withoutSettings,
    ...Object.fromEntries(rmapSettings.map((name) => [name, undefined])),
    HOST: "127.0.0.1",
    STORAGE_DIR: join(folder, "storage"),
    SECRET_KEY: testSecretKey,
    ...env,
  });
}

/** Every file below a folder, relative to it; a database's own files left out. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !/\.sqlite(-shm|-wal)?$/.test(name) && statSync(join(folder, name)).isFile())
    .sort();
}

/** Runs statements on the platform's own database file, as an operator could, or a fault of the machine. */
export function onDatabase<T>(target: Target, work: (database: SqliteConnection) => T): T {
  const database = connectSqlite(join(target.storageFolder, "tatou.sqlite"));
  try {
    database.exec("pragma busy_timeout = 5000");
    database.exec("pragma foreign_keys = on");
    return work(database);
  } finally {
    database.close();
  }
}
