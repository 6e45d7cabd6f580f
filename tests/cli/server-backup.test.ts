import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  freePorts,
  getJson,
  getText,
  repository,
  startTatou,
  type TestProcess,
  tatouCommand,
  until,
} from "../lib/processes.ts";

const pdf = readFileSync(join(repository, "apps/server/testdata/pdfs/pdflatex-article.pdf"));
const account = { email: "ann@example.org", login: "ann", password: "a long password" };
/** Several programs one after the other. */
const patienceMs = 120_000;
const json = { "content-type": "application/json" };

let folder: string;
let storage: string;
let backup: string;
const running: TestProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-server-backup-"));
  storage = join(folder, "storage");
  backup = join(folder, "backup.tar.gz");
});

afterEach(async () => {
  for (const process of running.splice(0)) await process.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Platform {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

async function startServer(storageDir = storage): Promise<Platform> {
  const [port = 0] = await freePorts(1);
  const server = startTatou(["server"], {
    ...{ HOST: "127.0.0.1", PORT: String(port), STORAGE_DIR: storageDir },
    SECRET_KEY_FILE: join(storageDir, "secret.key"),
    ...{ RATE_LIMIT_GLOBAL_PER_MINUTE: "100000", RATE_LIMIT_UPLOAD_PER_10MIN: "100000" },
  });
  running.push(server);
  const url = `http://127.0.0.1:${port}`;
  await until("the server", () => getText(`${url}/healthz`));
  return { url, stop: () => server.stop() };
}

async function logIn({ url }: Platform): Promise<Record<string, string>> {
  const { email, password } = account;
  const body = JSON.stringify({ email, password });
  const { token } = await getJson<{ token: string }>(`${url}/api/login`, { method: "POST", headers: json, body });
  return { authorization: `Bearer ${token}` };
}

async function signUp(platform: Platform): Promise<Record<string, string>> {
  await getText(`${platform.url}/api/create-user`, { method: "POST", headers: json, body: JSON.stringify(account) });
  return logIn(platform);
}

async function upload({ url }: Platform, headers: Record<string, string>): Promise<number> {
  const body = new FormData();
  body.append("file", new Blob([pdf], { type: "application/pdf" }), "a.pdf");
  return (await getJson<{ id: number }>(`${url}/api/upload-document`, { method: "POST", headers, body })).id;
}

async function tatou(...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const process = startTatou(["server", ...args], { STORAGE_DIR: storage, SECRET_KEY_FILE: undefined });
  return { code: await process.closed, output: process.output };
}

/** Every file of a storage with its bytes; the database as it is on the disk. */
function contentOf(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(directory.length), readFileSync(path, "base64")];
    }),
  );
}

describe("a server that runs, with documents coming and going", () => {
  test(
    "is saved, and lives on elsewhere",
    async () => {
      const server = await startServer();
      const headers = await signUp(server);
      const kept = await upload(server, headers);
      const over = new AbortController();
      const storm = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const id = await upload(server, headers);
          await getText(`${server.url}/api/delete-document/${id}`, { method: "DELETE", headers });
        }
      };
      const storms = [storm(), storm(), storm()];
      for (const name of ["1.tar", "2.tar.gz", "3.tar.gz"]) {
        const saved = await tatou("backup", join(folder, name));
        expect(saved.code).toBe(0);
        expect(saved.output).toContain("It holds 1 key file: whoever reads it can act as this server");
        expect(await tatou("restore", join(folder, name), "--check")).toMatchObject({
          ...{ code: 0, output: expect.stringContaining("The backup is sound: 1 user,") },
        });
      }
      over.abort();
      await Promise.all(storms);
      expect(statSync(join(folder, "1.tar")).mode & 0o777).toBe(0o600);

      const elsewhere = join(folder, "elsewhere");
      expect(await tatou("restore", join(folder, "3.tar.gz"), `--storage-dir=${elsewhere}`)).toMatchObject({ code: 0 });
      const second = await startServer(elsewhere);
      const entered = await logIn(second);
      const answer = await fetch(`${second.url}/api/get-document/${kept}`, { headers: entered });
      expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(pdf)]).toEqual([200, true]);
    },
    patienceMs,
  );

  test(
    "is not replaced while it runs; afterwards it is kept aside, and what is lost is named",
    async () => {
      const server = await startServer();
      const headers = await signUp(server);
      await upload(server, headers);
      const saved = await tatou("backup", backup, "--json", "--without-keys");
      expect([saved.code, JSON.parse(saved.output)]).toMatchObject([
        0,
        {
          file: backup,
          counts: { users: 1, documents: 1, files: 1, keys: 0 },
          keysLeftOut: [join(storage, "secret.key")],
        },
      ]);
      expect(await tatou("backup", backup)).toMatchObject({ code: 78, output: expect.stringContaining("--force") });

      const refused = await tatou("restore", backup, "--force");
      expect(refused).toMatchObject({ code: 78, output: expect.stringContaining("a server is running on") });
      await server.stop();
      expect(await tatou("restore", backup)).toMatchObject({
        code: 78,
        output: expect.stringContaining("is not empty"),
      });
      const restored = await tatou("restore", backup, "--force", "--json");
      const { keptAside } = JSON.parse(restored.output) as { keptAside: string };
      expect([restored.code, keptAside.startsWith(`${storage}.before-restore-`)]).toEqual([0, true]);
      expect(readdirSync(keptAside)).toContain("secret.key");
      expect(readdirSync(storage).sort()).toEqual(["files", "tatou.sqlite"]);

      const [file = ""] = [...contentOf(join(storage, "files")).keys()];
      rmSync(join(storage, "files", file));
      const damaged = await tatou("backup", backup, "--force");
      expect(damaged).toMatchObject({ code: 1, output: expect.stringContaining(`damaged  files${file} is missing`) });
      expect((await tatou("restore", backup, "--check")).code).toBe(1);
    },
    patienceMs,
  );
});

describe("a storage that is to be replaced", () => {
  /** A storage with a few documents, its backup, and no server. */
  async function stopped(): Promise<Map<string, string>> {
    const server = await startServer();
    const headers = await signUp(server);
    for (let index = 0; index < 5; index += 1) await upload(server, headers);
    await server.stop();
    expect((await tatou("backup", join(folder, "backup.tar"))).code).toBe(0);
    return contentOf(storage);
  }

  test(
    "stays as it was when the restore is killed, interrupted, or given something else",
    async () => {
      const before = await stopped();
      const bytes = readFileSync(join(folder, "backup.tar"));
      const cutOff = async (signal: NodeJS.Signals): Promise<string[]> => {
        const args = [tatouCommand, "server", "restore", "-", "--force", `--storage-dir=${storage}`];
        const child = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "ignore"] });
        const ended = new Promise((resolve) => child.once("exit", (code, by) => resolve(by ?? code)));
        child.stdin.write(bytes.subarray(0, bytes.length / 2));
        const isUnpacking = (name: string): boolean => name.startsWith("storage.restoring-");
        await until("the unpacking", async () => {
          const work = readdirSync(folder).find(isUnpacking);
          return work !== undefined && readdirSync(join(folder, work)).includes("files");
        });
        child.kill(signal);
        expect(await ended).toBe(signal === "SIGKILL" ? signal : 130);
        return readdirSync(folder).filter(isUnpacking);
      };
      expect((await cutOff("SIGKILL")).length).toBe(1);
      expect(contentOf(storage)).toEqual(before);
      for (const name of readdirSync(folder))
        if (name.includes("restoring")) rmSync(join(folder, name), { recursive: true });
      expect(await cutOff("SIGINT")).toEqual([]);
      expect(contentOf(storage)).toEqual(before);

      writeFileSync(backup, "no backup at all");
      const refused = await tatou("restore", backup, "--force");
      expect(refused.code).toBe(78);
      expect(refused.output).toContain("Cannot restore: it ends before it is complete\n  Fetch the file again");
      expect(contentOf(storage)).toEqual(before);
      expect(await tatou("restore", join(folder, "none"), "--check")).toMatchObject({ code: 78 });
    },
    patienceMs,
  );

  test(
    "goes through a pipe from one program to the other",
    async () => {
      await stopped();
      const program = `"${process.execPath}" "${tatouCommand}" server`;
      const elsewhere = join(folder, "elsewhere");
      const line = `${program} backup - --storage-dir="${storage}" | ${program} restore - --storage-dir="${elsewhere}"`;
      const child = spawn("sh", ["-c", line], { stdio: "ignore" });
      expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
      expect(contentOf(join(elsewhere, "files"))).toEqual(contentOf(join(storage, "files")));
      const mixed = await tatou("backup", "-", "--json");
      expect(mixed).toMatchObject({ code: 2, output: expect.stringContaining("name a file") });
    },
    patienceMs,
  );
});
