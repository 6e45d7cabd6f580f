import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { repository } from "../lib/processes.ts";

/** What docker-compose makes of our file. */
interface Service {
  readonly image: string;
  readonly ports: readonly string[];
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

const composeText = readFileSync(join(repository, "docker-compose.yml"), "utf8");
const sampleText = readFileSync(join(repository, "sample.env"), "utf8");

/** Version 2 prints the same file in other words, and belongs to Docker. */
const version = spawnSync("docker-compose", ["version", "--short"], { encoding: "utf8" }).stdout ?? "";

describe.skipIf(!version.startsWith("1."))("Debian's docker-compose accepts our file", () => {
  let folder: string;
  let compose: Compose;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tatou-compose-"));
    copyFileSync(join(repository, "docker-compose.yml"), join(folder, "docker-compose.yml"));
    compose = resolved();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The file as docker-compose understands it, with this `.env` or none. */
  function resolved(dotEnv?: string): Compose {
    const file = join(folder, ".env");
    if (dotEnv === undefined) rmSync(file, { force: true });
    else writeFileSync(file, dotEnv);
    // The variables of whoever runs the test must not show.
    const env = { PATH: process.env["PATH"] ?? "" };
    const args = ["--profile", "alerting", "config"];
    const { status, stdout, stderr } = spawnSync("docker-compose", args, { cwd: folder, env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return parse(stdout) as Compose;
  }

  test("without an .env it means the same as with the sample unchanged", () => {
    expect(resolved(sampleText)).toEqual(resolved());
  });

  test("three services by default, two more with the profile alerting", () => {
    const profiles = Object.entries(compose.services).map(([name, { profiles: own }]) => [name, own ?? []]);
    expect(Object.fromEntries(profiles)).toEqual({
      server: [],
      prometheus: [],
      grafana: [],
      alertmanager: ["alerting"],
      inbox: ["alerting"],
    });
  });

  test("every port is published on loopback alone, where the original has it", () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports);
    expect(ports.sort()).toEqual([3000, 5000, 9090, 9093, 9094].map((port) => `127.0.0.1:${port}:${port}/tcp`));
  });

  test("BIND_ADDR opens the platform and nothing else", () => {
    const { services } = resolved("BIND_ADDR=0.0.0.0\n");
    const open = Object.entries(services).filter(([, { ports }]) => !ports.every((port) => port.startsWith("127.")));
    expect(open.map(([name]) => name)).toEqual(["server"]);
  });

  test("every service has a health check that asks its own port", () => {
    for (const { healthcheck, ports } of Object.values(compose.services)) {
      const port = ports[0]?.split(":")[1];
      expect(healthcheck.test.join(" ")).toContain(`http://127.0.0.1:${port}/`);
    }
  });

  test("every image is pinned to one version", () => {
    const images = Object.values(compose.services).map(({ image }) => image);
    expect(images.filter((image) => !/:v?\d+\.\d+\.\d+$/.test(image))).toEqual([]);
    const own = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
    expect(compose.services["server"]?.image).toBe(`tatou:${own.version}`);
    expect(compose.services["inbox"]?.image).toBe(`tatou:${own.version}`);
  });

  test("the originals read the very files, and cannot write them", () => {
    const mounts = Object.values(compose.services).flatMap((service) => service.volumes ?? []);
    const files = mounts.filter((mount) => mount.startsWith("/")).map((mount) => mount.split(":"));
    const sources = files.map(([source = ""]) => relative(folder, source));
    expect(new Set(sources)).toEqual(
      new Set([
        "monitoring/alertmanager.yml",
        "monitoring/grafana/dashboards",
        "monitoring/grafana/provisioning",
        "monitoring/prometheus.yml",
        "monitoring/prometheus_rules",
      ]),
    );
    expect(sources.filter((source) => !existsSync(join(repository, source)))).toEqual([]);
    expect(files.filter(([, , mode]) => mode !== "ro")).toEqual([]);
  });

  test("what is kept lies in volumes with names", () => {
    const mounts = Object.entries(compose.services).flatMap(([name, { volumes = [] }]) =>
      volumes.filter((mount) => !mount.startsWith("/")).map((mount) => `${name} ${mount}`),
    );
    expect(mounts.sort()).toEqual([
      "alertmanager alertmanager-data:/alertmanager:rw",
      "grafana grafana-data:/var/lib/grafana:rw",
      "prometheus prometheus-data:/prometheus:rw",
      "server user-files:/app/storage:rw",
    ]);
  });

  test("every address that the files name is a service", () => {
    const files = ["prometheus.yml", "alertmanager.yml"].map((name) => join(repository, "monitoring", name));
    const text = files.map((file) => readFileSync(file, "utf8").replaceAll(/#.*/g, "")).join("\n");
    const addresses = new Set(text.match(/\b[a-z]+:\d{4}\b/g));
    expect([...addresses].sort()).toEqual(["alertmanager:9093", "inbox:9094", "prometheus:9090", "server:5000"]);
    for (const [name = "", port] of [...addresses].map((address) => address.split(":"))) {
      expect(compose.services[name]?.ports[0]).toContain(`:${port}/`);
    }
  });

  test("our own containers have no rights and read-only files", () => {
    for (const name of ["server", "inbox"]) {
      expect(compose.services[name]).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    }
  });

  test("the sample names every variable of the file, and no other", () => {
    const used = [...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const offered = [...sampleText.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(new Set(offered)).toEqual(new Set(used));
  });
});
