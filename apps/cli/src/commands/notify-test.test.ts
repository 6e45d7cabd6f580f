import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlertsApp, startAlerts } from "@tatou/alerts";
import { MemoryEventLog } from "@tatou/event-log";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { silentLog } from "@tatou/model";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { notifyCommand } from "./notify-test.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-notify-test-"));
const clock = createSystemClock();
const transport = new SocketTransport({ clock });
const configFile = join(folder, "alertmanager.yml");
const prometheusFile = join(folder, "prometheus.yml");

let server: Server;
let status = 200;
let posted: string[] = [];
let app: AlertsApp;
let alertsUrl: string;
let output = "";
let errors = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    posted.push(request.url ?? "");
    request.resume().once("end", () => response.writeHead(status).end("\u001B[2Jno"));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    configFile,
    `route:
  receiver: team
  routes: [{ receiver: pager, matchers: [severity = "critical"] }]
receivers:
  - { name: team, webhook_configs: [{ url: "http://127.0.0.1:${port}/team" }] }
  - { name: pager, webhook_configs: [{ url: "http://pager:80/pager" }] }
`,
  );
  writeFileSync(prometheusFile, "rule_files: ['rules*.yml']\n");
  writeFileSync(
    join(folder, "rules.yml"),
    'groups: [{ name: g, rules: [{ alert: Down, expr: up == 0, labels: { severity: critical, ip: "{{ $labels.ip }}" } }] }]\n',
  );
  app = await startAlerts({
    configFile,
    clock,
    transport,
    eventLog: new MemoryEventLog({ clock }),
    stateDirectory: ":memory:",
    externalUrl: "http://localhost:9093",
    web: { root: null },
    log: silentLog,
  });
  alertsUrl = (await app.listen("127.0.0.1:0")).url;
});

afterAll(async () => {
  await app.close();
  await transport.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  [status, posted, output, errors] = [200, [], "", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function notifyTest(...args: readonly string[]): Promise<number | string | null | undefined> {
  const files = [`--config.file=${configFile}`, `--prometheus.config=${prometheusFile}`];
  await notifyCommand().parseAsync(["test", ...files, ...args], { from: "user" });
  return process.exitCode;
}

describe("tatou notify test", () => {
  test("sends along the route of the alert, to where --resolve says", async () => {
    const { port } = server.address() as AddressInfo;
    expect(await notifyTest("--alert=Down", `--resolve=pager:80=127.0.0.1:${port}`)).toBe(0);
    expect(posted).toEqual(["/pager"]);
    expect(output).toMatch(/ip would come from the data: give values with --label/);
    expect(output).toMatch(/route {2}\{\} > \{severity="critical"\}/);
    expect(output).toMatch(/✓ webhook\/0 {2}answered 200 {2}in \d+ ms/);
    expect(output).toMatch(/sent {6}\{"receiver":"pager".*\[TEST\]/);
    expect(output).toMatch(/1 of 1 test messages delivered/);
  });

  test("ends with 1 when a receiver fails, and says why", async () => {
    status = 500;
    expect(await notifyTest("--receiver=team")).toBe(1);
    expect(output).toMatch(/✗ webhook\/0 {2}unexpected status code 500/);
    expect(output).toMatch(/0 of 1 test messages delivered/);
    expect(output).not.toContain("\u001B[2J");
  });

  test("names a receiver that cannot be reached, after telling the others", async () => {
    expect(await notifyTest()).toBe(1);
    expect(posted).toEqual(["/team"]);
    expect(output).toMatch(/✗ webhook\/0 .*lookup pager: no such host/);
  });

  test("lets a running program send", async () => {
    expect(await notifyTest("--receiver=team", `--alerts=${alertsUrl}`, "--json")).toBe(0);
    expect(posted).toEqual(["/team"]);
    expect(JSON.parse(output)).toMatchObject({ outcomes: [{ alert: null, report: { hasPassed: true } }] });
  });

  test.each([
    [["--receiver=teem"], /Cannot test receiver "teem".*\n {2}Did you mean "team"\?/],
    [["--alert=Dawn"], /Cannot test alert "Dawn".*\n {2}Did you mean "Down"\?/],
    [["--label=a=b"], /--label: it needs --alert/],
    [["--config.file=/nowhere.yml"], /Cannot read \/nowhere\.yml: no such file/],
    [["--alerts=http://127.0.0.1:1"], /Cannot ask http:\/\/127\.0\.0\.1:1 for a test: .*refused/],
  ])("%j cannot run", async (args, says) => {
    expect(await notifyTest(...args)).toBe(2);
    expect(errors).toMatch(says);
    expect([posted, output]).toEqual([[], ""]);
  });

  test("says what the running program refuses", async () => {
    expect(await notifyTest("--receiver=teem", `--alerts=${alertsUrl}`)).toBe(2);
    expect(errors).toMatch(/Did you mean "team"\?/);
  });
});
