import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, isInstalled, repository, startTatou, TestProcess } from "../lib/processes.ts";
import { ready } from "./ready.ts";

/** Other OpenPGP programs as clients of RMAP: PGPy, which the clients of the course use, and GnuPG. */
const script = join(repository, "tests/peers/rmap-client.py");
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import pgpy, requests"]).status === 0,
);

interface Place {
  readonly url: string;
  readonly keysDir: string;
}

let folder: string;
const programs: TestProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-rmap-peers-"));
});

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** A server with keys of its own, or with those that `prepare` puts in their place. */
async function startServer(name: string, prepare: (keysDir: string) => Promise<void>): Promise<Place> {
  const [keysDir, storageDir] = [join(folder, name, "keys"), join(folder, name, "storage")];
  const init = startTatou([
    "server",
    "init",
    `--keys-dir=${keysDir}`,
    `--storage-dir=${storageDir}`,
    "--identity=Group_1",
  ]);
  expect(await init.closed).toBe(0);
  const lines = [...init.output.matchAll(/^ {2}(\w+)=(.*)$/gm)].map(([, variable, value]) => [variable, value]);
  await prepare(keysDir);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const limits = { RATE_LIMIT_RMAP_PER_MINUTE: "1000", RATE_LIMIT_RMAP_HANDSHAKES_PER_MINUTE: "1000" };
  const server = startTatou(["server"], {
    ...Object.fromEntries(lines),
    ...limits,
    HOST: "127.0.0.1",
    PORT: String(port),
  });
  programs.push(server);
  await ready([server], [`${url}/healthz`]);
  return { url, keysDir };
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const process = new TestProcess(command, args);
  const code = await process.closed;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${code} ${process.output}`);
  return process.output;
}

const complete = {
  isEchoed: true,
  isExpectedResult: true,
  postStatus: 405,
  status: 200,
  contentType: "application/pdf",
  start: "%PDF-",
};

const generations = [
  { send: "base64-of-armor", read: "base64-of-armor" },
  { send: "armor-body", read: "bare-body" },
  { send: "base64-of-armor-body", read: "bare-body" },
  { send: "bare-body", read: "bare-body" },
];

describe.skipIf(python === undefined)("a client with PGPy (skipped without python3-pgpy and python3-requests)", () => {
  const makePair = (name: string, privateFile: string, publicFile: string): Promise<string> =>
    run(python!, [join(repository, "tests/peers/rmap-keys.py"), name, privateFile, publicFile]);

  describe.each([
    { keys: "the keys of tatou server init", prepare: async () => undefined },
    {
      keys: "RSA keys of PGPy on both sides",
      prepare: async (keysDir: string) => {
        await makePair("server", join(keysDir, "server_priv.asc"), join(keysDir, "server_pub.asc"));
        await makePair("c", join(keysDir, "client-secrets/Group_1_priv.asc"), join(keysDir, "clients/Group_1.asc"));
      },
    },
  ])("with $keys", ({ keys, prepare }) => {
    let place: Place;

    beforeAll(async () => {
      place = await startServer(keys.split(" ")[0]!, prepare);
    }, 60_000);

    test.each(generations)(
      "that writes $send and reads $read gets its copy",
      async ({ send, read }) => {
        const output = await run(python!, [
          script,
          `--server=${place.url}`,
          "--identity=Group_1",
          `--server-pub=${join(place.keysDir, "server_pub.asc")}`,
          `--client-priv=${join(place.keysDir, "client-secrets/Group_1_priv.asc")}`,
          `--send=${send}`,
          `--read=${read}`,
        ]);
        expect(JSON.parse(output)).toEqual(complete);
      },
      60_000,
    );
  });
});

describe.skipIf(!isInstalled("gpg"))("a client with GnuPG (skipped without gpg)", () => {
  let home: string;

  /** Runs gpg with keys of its own. */
  function gpg(args: readonly string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const common = ["--homedir", home, "--batch", "--quiet", "--trust-model", "always", "--no-tty"];
      const child = spawn("gpg", [...common, ...args], { stdio: ["pipe", "pipe", "pipe"] });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
      child.stderr.on("data", (bytes: Buffer) => errors.push(bytes));
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(Buffer.concat(output).toString());
        else reject(new Error(`gpg ${args.join(" ")}: ${Buffer.concat(errors).toString()}`));
      });
      child.stdin.end(input);
    });
  }

  // Where it listens has a short name: sockets allow no long ones.
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "gpg-"));
  });

  afterAll(() => {
    spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    rmSync(home, { recursive: true, force: true });
  });

  test("writes armor and compressed text, and reads what it gets", async () => {
    await gpg(["--passphrase", "", "--quick-gen-key", "gnu", "future-default", "default", "never"]);
    const { url, keysDir } = await startServer("gnupg", async (keys) => {
      writeFileSync(join(keys, "clients/gnu.asc"), await gpg(["--armor", "--export", "gnu"]));
      copyFileSync(join(keys, "server_pub.asc"), join(home, "server.asc"));
    });
    await gpg(["--import", join(keysDir, "server_pub.asc")]);
    const exchange = async (path: string, text: string): Promise<string> => {
      const payload = await gpg(
        ["--armor", "--compress-algo", "zlib", "--encrypt", "--recipient", "Tatou server"],
        text,
      );
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify({ payload }) });
      const fields = (await answer.json()) as { payload?: string; error?: string };
      expect({ path, status: answer.status, error: fields.error }).toEqual({ path, status: 200, error: undefined });
      const file = join(home, "answer.gpg");
      writeFileSync(file, Buffer.from(fields.payload!, "base64"));
      return gpg(["--decrypt", file]);
    };
    const first = await exchange("/api/rmap-initiate", '{"nonceClient": 18446744073709551615, "identity": "gnu"}');
    const nonceServer = /"nonceServer":(\d+)/.exec(first)![1]!;
    expect(first).toBe(`{"nonceClient":18446744073709551615,"nonceServer":${nonceServer}}`);
    const second = await exchange("/api/rmap-get-link", `{"nonceServer": ${nonceServer}}`);
    const { result } = JSON.parse(second) as { result: string };
    const copy = await fetch(`${url}/api/get-version/${result}`);
    expect([copy.status, copy.headers.get("content-type")]).toEqual([200, "application/pdf"]);
  }, 60_000);
});
