import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@tatou/sql";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { initServer } from "../rmap/init-server.ts";
import { RmapClient } from "../rmap/testing/rmap-client.ts";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { TestServer } from "../testing/test-server.ts";
import { collectFiles } from "./collect-files.ts";
import { createBackup } from "./create-backup.ts";
import { backUp, check, entriesOf, never, nowMs, placesOf, restore } from "./testing/backup-tools.ts";

let folder: string;
let storage: string;
let backup: string;
const servers: TestServer[] = [];

const limits = {
  RATE_LIMIT_GLOBAL_PER_MINUTE: "100000",
  RATE_LIMIT_UPLOAD_PER_10MIN: "100000",
  RATE_LIMIT_WATERMARK_PER_10MIN: "100000",
};

beforeAll(requirePdfWorker);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-backup-"));
  storage = join(folder, "storage");
  backup = join(folder, "backup.tar.gz");
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(storageDir = storage, env: Record<string, string> = {}): Promise<TestServer> {
  const server = await TestServer.start({ env: { STORAGE_DIR: storageDir, ...limits, ...env } });
  servers.push(server);
  return server;
}

async function upload(server: TestServer, token: string, file = pdfSamples.plain): Promise<number> {
  const answer = await server.upload(file, { token });
  expect(answer.status).toBe(201);
  return Number(answer.json["id"]);
}

async function mark(server: TestServer, token: string, document: number): Promise<string> {
  const fields = { method: "toy-eof", intended_for: "carol", secret: "s", key: "k" };
  const answer = await server.post(`/api/create-watermark/${document}`, fields, { token });
  expect(answer.status).toBe(201);
  return String(answer.json["link"]);
}

/** Every stored file of documents and versions. */
function storedPaths(storageDir = storage): string[] {
  return readdirSync(join(storageDir, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("a storage that was saved while its server runs, and restored into another folder", () => {
  test("has its users, documents, links, and RMAP with its keys", async () => {
    const keysDir = join(storage, "rmap-demo");
    const { environment } = await initServer({
      ...{ keysDir, storageDir: storage, identities: ["Group_1"], isForced: false, nowMs: Date.now() - 60_000 },
    });
    const rmap = { ...environment, RMAP_WATERMARK_METHOD: "toy-eof" };
    const server = await start(storage, rmap);
    const ann = await server.newUser("ann");
    const document = await upload(server, ann.token);
    const link = await mark(server, ann.token, document);
    const client = new RmapClient(server, keysDir, "Group_1");
    const { json } = await client.getLink(await client.begin());
    const { result: rmapLink } = await client.open(String(json["payload"]));
    const paths = [`/api/get-document/${document}`, `/api/get-version/${link}`, `/api/get-version/${rmapLink}`];
    const read = async (from: TestServer, token: string): Promise<Buffer[]> => {
      const answers = await Promise.all(paths.map((path) => from.send({ path, token })));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      return answers.map(({ body }) => body);
    };
    const before = await read(server, ann.token);

    const { counts, damaged, keysLeftOut } = await backUp(storage, backup);
    expect(counts).toMatchObject({ users: 2, documents: 2, versions: 2, files: 4, keys: 7 });
    expect([damaged, keysLeftOut]).toEqual([[], []]);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(["backup.tar.gz", "storage"]);
    expect(readdirSync(storage).filter((name) => name.startsWith("."))).toEqual([]);
    expect((await entriesOf(backup)).slice(0, 2).map(({ header }) => header.name)).toEqual([
      "tatou-backup.json",
      "tatou.sqlite",
    ]);

    const restored = join(folder, "restored");
    expect(await check(backup)).toMatchObject({ counts, madeAt: "2026-01-02T03:04:05.678Z" });
    expect((await restore(backup, restored)).keptAside).toBe(null);
    expect(readdirSync(folder).sort()).toEqual(["backup.tar.gz", "restored", "storage"]);
    const moved = Object.fromEntries(
      Object.entries(rmap).map(([name, value]) => [name, value.replace(storage, restored)]),
    );
    expect(readFileSync(join(restored, "secret.key"))).toEqual(readFileSync(join(storage, "secret.key")));
    const second = await start(restored, moved);
    const entered = await second.post("/api/login", { email: ann.email, password: ann.password });
    expect(entered.status).toBe(200);
    // The key that signs is the same one, so the token from before is good too.
    expect(await read(second, ann.token)).toEqual(before);
    const again = new RmapClient(second, join(restored, "rmap-demo"), "Group_1");
    expect(await again.getLink(await again.begin())).toMatchObject({ status: 200 });
  });

  test("leaves keys out when asked, and says which", async () => {
    await initServer({ keysDir: join(storage, "keys"), storageDir: storage, identities: [], isForced: false, nowMs });
    await start();
    const { counts, keysLeftOut } = await backUp(storage, backup, { withKeys: false });
    expect(counts.keys).toBe(0);
    expect(keysLeftOut).toContain(join(storage, "secret.key"));
    expect(keysLeftOut).toContain(join(storage, "keys/server_priv.asc"));
    const outside = await backUp(storage, `${backup}.tar`, { env: { SECRET_KEY_FILE: join(folder, "other.key") } });
    expect(outside.keysLeftOut).toEqual([join(folder, "other.key")]);
    expect(outside.counts.keys).toBe(5);
  });
});

describe("while documents come and go", () => {
  test("every backup is sound", async () => {
    const server = await start();
    const { token } = await server.newUser("ann");
    const over = new AbortController();
    const storm = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const document = await upload(server, token);
        await mark(server, token, document);
        const deleted = await server.send({ method: "DELETE", path: `/api/delete-document/${document}`, token });
        expect(deleted.status).toBe(200);
      }
    };
    const kept = await upload(server, token);
    await mark(server, token, kept);
    const storms = [storm(), storm(), storm(), storm()];
    for (let index = 0; index < 12; index += 1) {
      const path = `${backup}.${index}`;
      const { damaged } = await backUp(storage, path);
      expect(damaged).toEqual([]);
      expect((await check(path)).counts.documents).toBeGreaterThanOrEqual(1);
    }
    over.abort();
    await Promise.all(storms);
  });

  test("what is deleted between the snapshot and its files leaves with its rows, versions included", async () => {
    const server = await start();
    const { token } = await server.newUser("ann");
    const kept = await upload(server, token);
    const gone = await upload(server, token);
    await mark(server, token, gone);
    await backUp(storage, backup);
    const earlier = join(folder, "earlier");
    await restore(backup, earlier);
    const open = (path: string) => openSqlite<Tables>({ path, migrations });
    const [live, snapshot] = [await open(join(storage, "tatou.sqlite")), await open(join(earlier, "tatou.sqlite"))];
    const { path } = await live.db
      .selectFrom("Documents")
      .select("path")
      .where("id", "=", gone)
      .executeTakeFirstOrThrow();
    await live.db.deleteFrom("Documents").where("id", "=", gone).execute();
    // The file of the version is still there, as in the moment in which the server removes one after the other.
    rmSync(join(storage, path));
    const workDir = join(folder, "work");
    mkdirSync(workDir);
    const collected = await collectFiles({
      ...{ storageDir: storage, workDir, live, snapshot, signal: never, onChecked: () => undefined },
    });
    expect([collected.files.length, collected.damaged, collected.goneCount]).toEqual([1, [], 1]);
    expect(await snapshot.db.selectFrom("Documents").select("id").execute()).toEqual([{ id: kept }]);
    expect(await snapshot.db.selectFrom("Versions").select("id").execute()).toEqual([]);
    await live.close();
    await snapshot.close();
  });
});

test("lost and changed files are named, and all else is saved and restored", async () => {
  const server = await start();
  const { token } = await server.newUser("ann");
  for (let index = 0; index < 3; index += 1) await upload(server, token);
  const [missing = "", changed = "", sound = ""] = storedPaths();
  rmSync(missing);
  writeFileSync(changed, "something else");
  const { counts, damaged } = await backUp(storage, backup);
  const relative = (path: string): string => path.slice(storage.length + 1);
  expect([...damaged].sort((a, b) => (a.problem < b.problem ? 1 : -1))).toEqual([
    { path: relative(missing), problem: "missing" },
    { path: relative(changed), problem: "changed" },
  ]);
  expect(counts).toMatchObject({ documents: 3, files: 1 });
  const restored = join(folder, "restored");
  expect((await restore(backup, restored)).backup.damaged).toEqual(damaged);
  expect(storedPaths(restored)).toEqual([join(restored, relative(sound))]);
});

test("a file that is there stays as it is, and an interrupted backup leaves nothing", async () => {
  const server = await start();
  const { token } = await server.newUser("ann");
  await upload(server, token);
  writeFileSync(backup, "precious");
  await expect(backUp(storage, backup)).rejects.toThrow("is there already");
  expect(readFileSync(backup, "utf8")).toBe("precious");
  const interruption = new AbortController();
  const interrupted = createBackup({
    places: placesOf(storage),
    target: { kind: "file", path: backup, mayReplace: true },
    ...{ withKeys: true, nowMs, signal: interruption.signal },
    onProgress: () => interruption.abort(),
  });
  await expect(interrupted).rejects.toThrow("aborted");
  expect(readFileSync(backup, "utf8")).toBe("precious");
  expect(readdirSync(folder).sort()).toEqual(["backup.tar.gz", "storage"]);
  expect(readdirSync(storage).filter((name) => name.startsWith("."))).toEqual([]);
});

test("what is no storage is said in words", async () => {
  await expect(backUp(join(folder, "none"), backup)).rejects.toThrow("expected the storage folder of a server");
  mkdirSync(storage);
  await expect(backUp(storage, backup)).rejects.toThrow("expected the database of a server");
  expect(() => placesOf(storage, { DB_CLIENT: "mariadb" })).toThrow("expected a database in a file");
  expect(readdirSync(folder)).toEqual(["storage"]);
});
