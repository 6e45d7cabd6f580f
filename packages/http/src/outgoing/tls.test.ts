import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyText } from "@tatou/model";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { listenAnywhere, stop } from "../testing/serve.ts";
import type { HostAndPort } from "./address-book.ts";
import type { TlsConfig } from "./http-config.ts";
import { SocketTransport } from "./socket-transport.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe.runIf(hasOpenssl)("over TLS", () => {
  let folder: string;
  let file: string;
  let server: Server;
  let resolve: Map<string, HostAndPort>;
  const transports: SocketTransport[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tatou-tls-"));
    file = join(folder, "cert.pem");
    const key = join(folder, "key.pem");
    const subject = ["-subj", "/CN=app", "-addext", "subjectAltName=DNS:app"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", file, ...subject],
      { stdio: "ignore" },
    );
    server = createServer({ key: readFileSync(key), cert: readFileSync(file) }, (_request, response) => {
      response.end("safe");
    });
    resolve = new Map([["app:443", { host: "127.0.0.1", port: await listenAnywhere(server) }]]);
  });
  afterAll(async () => {
    await stop(server);
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close();
  });

  function get(tls: TlsConfig, url = "https://app/"): Promise<string> {
    const book = url === "https://app/" ? resolve : new Map([["other:443", resolve.get("app:443")!]]);
    const transport = new SocketTransport({ resolve: book, httpConfig: { tls } });
    transports.push(transport);
    return transport.send({ method: "GET", url }).then(bodyText);
  }

  test("trusts the authority it is told to, from a file or as text", async () => {
    expect(await get({ ca: { file } })).toBe("safe");
    expect(await get({ ca: { value: readFileSync(file, "utf8") } })).toBe("safe");
  });

  test("trusts nobody else", async () => {
    await expect(get({})).rejects.toMatchObject({
      code: "tls",
      message: 'Get "https://app/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    });
  });

  test("trusts anybody only when told to", async () => {
    expect(await get({ insecureSkipVerify: true })).toBe("safe");
  });

  test("wants the name of the address, or the one it is told", async () => {
    await expect(get({ ca: { file } }, "https://other/")).rejects.toMatchObject({ code: "tls" });
    expect(await get({ ca: { file }, serverName: "app" }, "https://other/")).toBe("safe");
  });
});
