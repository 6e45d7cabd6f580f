import { expect, test } from "vitest";
import { programsOf, type UpSettings } from "./program.ts";
import { upSettings } from "./testing/up-settings.ts";

function programNamed(name: string, changes: Partial<UpSettings> = {}) {
  return programsOf(upSettings(changes)).find((program) => program.name === name)!;
}

test("the names of the files lead to the doors that are opened", () => {
  const server = { host: "0.0.0.0", port: 5001 };
  const alerts = { host: "::1", port: 9094 };
  const { args } = programNamed("engine", { server, alerts });
  expect(args).toContain("--resolve=server:5000=127.0.0.1:5001");
  expect(args).toContain("--resolve=alertmanager:9093=[::1]:9094");
  expect(args).toContain("--resolve=inbox:9094=[::1]:9094");
});

test("the watcher is told where the engine is", () => {
  expect(programNamed("alerts").args).toContain("--watch.engine-url=http://localhost:9090");
});

test("what guards the doors is handed to the programs that have them", () => {
  const changes = { trustedNetwork: true, allowedHosts: ["a.example", "b.example"] };
  for (const name of ["engine", "alerts", "dashboards"]) {
    expect(programNamed(name).args.join(" ")).not.toMatch(/trusted-network|allowed-hosts/);
    expect(programNamed(name, changes).args).toContain("--web.trusted-network");
    expect(programNamed(name, changes).args).toContain("--web.allowed-hosts=a.example,b.example");
  }
});

test("the data lies where the manual says", () => {
  expect(programNamed("engine").args).toContain("--storage.tsdb.path=/tmp/state/data");
  expect(programNamed("engine").args).toContain("--state.path=/tmp/state/state");
  expect(programNamed("server").environment).toMatchObject({ STORAGE_DIR: "/tmp/state/storage", PORT: "5000" });
  expect(programNamed("server").args).toContain("--rmap.demo-dir=/tmp/state/storage/rmap-demo");
});
