import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePorts, getText, startTatou, type TestProcess, until } from "../lib/processes.ts";

let folder: string;
const running: TestProcess[] = [];
/** Several programs one after the other. */
const patienceMs = 90_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-server-init-"));
});

afterEach(async () => {
  for (const process of running.splice(0)) await process.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function init(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const folders = [`--keys-dir=${join(folder, "keys")}`, `--storage-dir=${join(folder, "storage")}`];
  const process = startTatou(["server", "init", ...folders, ...args]);
  return { code: await process.closed, output: process.output };
}

/** What a server says to a payload that is none: 400 with RMAP, 503 without. */
async function rmapAnswer(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const [port = 0] = await freePorts(1);
  const server = startTatou(["server", ...args], { HOST: "127.0.0.1", PORT: String(port), ...env });
  running.push(server);
  const url = `http://127.0.0.1:${port}`;
  await until("the server", () => getText(`${url}/healthz`));
  const headers = { "content-type": "application/json" };
  const text = await getText(`${url}/api/rmap-initiate`, { method: "POST", headers, body: '{"payload":"x"}' });
  await server.stop();
  return (JSON.parse(text) as { error: string }).error;
}

describe("tatou server init", () => {
  test(
    "says what it made, and the lines that it prints start a server with RMAP",
    async () => {
      const { code, output } = await init("--identity=Group_1", "--identity=Jean Dupont");
      expect(code).toBe(0);
      expect(output).toContain(`made  ${join(folder, "keys/clients/Jean Dupont.asc")}\n`);
      const lines = [...output.matchAll(/^ {2}(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
      expect(await rmapAnswer([], Object.fromEntries(lines) as NodeJS.ProcessEnv)).toBe("invalid RMAP message");
    },
    patienceMs,
  );

  test(
    "keeps what is there, unless it is forced",
    async () => {
      const key = join(folder, "keys/server_priv.asc");
      await init();
      const before = readFileSync(key, "utf8");
      expect((await init()).output).toContain(`kept  ${key}\n`);
      expect(readFileSync(key, "utf8")).toBe(before);
      expect((await init("--force")).output).toContain(`made  ${key}\n`);
      expect(readFileSync(key, "utf8")).not.toBe(before);
    },
    patienceMs,
  );

  test(
    "refuses a name that is no identity, in words",
    async () => {
      const { code, output } = await init("--identity=../x");
      expect([code, output]).toEqual([
        78,
        expect.stringContaining('"../x" cannot be the name of an identity\n  Names hold'),
      ]);
      expect(existsSync(join(folder, "keys"))).toBe(false);
    },
    patienceMs,
  );
});

describe("the keys that tatou up makes for a first try", () => {
  const demoDir = (): string => join(folder, "storage/rmap-demo");
  const start = (env: NodeJS.ProcessEnv = {}): Promise<string> =>
    rmapAnswer([`--rmap.demo-dir=${demoDir()}`], { STORAGE_DIR: join(folder, "storage"), ...env });

  test(
    "are there from the first start and stay",
    async () => {
      expect(await start()).toBe("invalid RMAP message");
      const secret = join(demoDir(), "client-secrets/demo_priv.asc");
      const before = readFileSync(secret, "utf8");
      expect(statSync(secret).mode & 0o777).toBe(0o600);
      // Half of a pair is what a start leaves that was killed in between.
      rmSync(join(demoDir(), "server_pub.asc"));
      expect(await start()).toBe("invalid RMAP message");
      expect(readFileSync(secret, "utf8")).toBe(before);
    },
    patienceMs,
  );

  test(
    "give way to keys of one's own, also to half of them",
    async () => {
      const args = ["server", `--rmap.demo-dir=${demoDir()}`];
      const half = startTatou(args, { STORAGE_DIR: join(folder, "storage"), RMAP_KEYS_DIR: join(folder, "none") });
      expect(await half.closed).toBe(78);
      expect(half.output).toContain("RMAP_DOCUMENT_ID and RMAP_DOCUMENT_PATH are both missing");
      expect(half.output).toContain("RMAP_WATERMARK_KEY is missing");
      expect(existsSync(demoDir())).toBe(false);
    },
    patienceMs,
  );
});
