import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventLog } from "@tatou/event-log";
import { InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { bodyText, type HttpRequest, type Log, silentLog, VirtualClock } from "@tatou/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DashboardsApp, startDashboards } from "./dashboards-app.ts";

const startMs = 1_700_000_000_000;
let folder: string;
let clock: VirtualClock;
let app: DashboardsApp;
const asked: HttpRequest[] = [];

const dashboardFile = { uid: "files", title: "From a file", tags: ["t"], panels: [], schemaVersion: 41 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-dashboards-"));
  for (const name of ["provisioning/datasources", "provisioning/dashboards", "dashboards"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(
    join(folder, "provisioning/datasources/all.yml"),
    "apiVersion: 1\ndatasources:\n  - {name: Prometheus, uid: prometheus, type: prometheus, access: proxy, url: $ENGINE, isDefault: true}\n",
  );
  writeFileSync(
    join(folder, "provisioning/dashboards/all.yml"),
    `apiVersion: 1\nproviders:\n  - {name: files, folder: Tatou, type: file, options: {path: ${folder}/dashboards}}\n`,
  );
  writeFileSync(join(folder, "dashboards/one.json"), JSON.stringify(dashboardFile));
  clock = new VirtualClock(startMs, nodeYieldTurn);
  asked.length = 0;
  app = await open();
});

afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

function open(log: Log = silentLog): Promise<DashboardsApp> {
  const transport = new InProcessTransport({
    clock,
    handlers: new Map([
      [
        "engine:9090",
        async (request: HttpRequest) => {
          asked.push(request);
          return {
            status: 200,
            headers: { "content-type": "application/json" },
            body: Buffer.from('{"status":"success","data":{}}'),
          };
        },
      ],
    ]),
  });
  return startDashboards({
    clock,
    transport,
    eventLog: new MemoryEventLog({ clock }),
    log,
    stateDirectory: join(folder, "state"),
    provisioningDirectory: join(folder, "provisioning"),
    environment: { ENGINE: "http://engine:9090" },
    admin: { login: "admin", password: "admin" },
    version: "0",
  });
}

test("keys of provisioning files that have no effect are told with their place, and refuse nothing", async () => {
  await app.close();
  const file = join(folder, "provisioning/datasources/all.yml");
  writeFileSync(file, "apiVersion: 1\ndatasources:\n  - { name: P, type: prometheus, isDefalt: true }\n");
  const warnings: string[] = [];
  app = await open({ ...silentLog, warn: (message) => void warnings.push(message) });
  expect(warnings).toEqual([
    `${file}:3:34: Ignored in datasources[0]: the key isDefalt, which has no effect here (Did you mean "isDefault"?)`,
  ]);
});

const basic = { authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}` };

async function ask(method: HttpRequest["method"], path: string, more: Partial<HttpRequest> & { json?: unknown } = {}) {
  const { json, ...rest } = more;
  const response = await app.handle(
    {
      method,
      url: `http://localhost:3000${path}`,
      ...rest,
      headers: { ...(json !== undefined && { "content-type": "application/json" }), ...rest.headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    },
    { remoteAddress: "127.0.0.1" },
  );
  const text = bodyText(response);
  const isJson = (response.headers["content-type"] ?? "").includes("json");
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}

async function login(password = "admin"): Promise<{ cookie: string }> {
  const response = await ask("POST", "/login", { json: { user: "admin", password } });
  expect(response.status).toBe(200);
  return { cookie: response.headers["set-cookie"]!.split(";")[0]! };
}

describe("accounts", () => {
  test("admin logs in with a cookie that scripts cannot read, and is asked for a new password", async () => {
    const response = await ask("POST", "/login", { json: { user: "admin", password: "admin" } });
    expect(response.headers["set-cookie"]).toMatch(/grafana_session=[\w-]{43};.*HttpOnly;.*SameSite=Lax/);
    const headers = { cookie: response.headers["set-cookie"]!.split(";")[0]! };
    expect((await ask("GET", "/api/tatou/v1/session", { headers })).body).toEqual({
      login: "admin",
      mustChangePassword: true,
    });
  });

  test.each([
    { name: "nobody", headers: {} },
    { name: "a made-up session", headers: { cookie: "grafana_session=abc" } },
    {
      name: "a wrong basic password",
      headers: { authorization: `Basic ${Buffer.from("admin:x").toString("base64")}` },
    },
  ] as { name: string; headers: Record<string, string> }[])("$name is refused", async ({ headers }) => {
    expect((await ask("GET", "/api/search", { headers })).status).toBe(401);
    expect((await ask("GET", "/api/no/such/path", { headers })).status).toBe(401);
  });

  test("a new password ends the other sessions and the old password", async () => {
    const mine = await login();
    const other = await login();
    const change = { oldPassword: "admin", newPassword: "correct horse", confirmNew: "correct horse" };
    expect(
      (await ask("PUT", "/api/user/password", { headers: mine, json: { ...change, oldPassword: "no" } })).status,
    ).toBe(401);
    expect(
      (await ask("PUT", "/api/user/password", { headers: mine, json: { ...change, confirmNew: "no" } })).status,
    ).toBe(400);
    expect((await ask("PUT", "/api/user/password", { headers: mine, json: change })).status).toBe(200);
    expect((await ask("GET", "/api/user", { headers: mine })).status).toBe(200);
    expect((await ask("GET", "/api/user", { headers: other })).status).toBe(401);
    expect((await ask("GET", "/api/user", { headers: basic })).status).toBe(401);
    await login("correct horse");
  });

  test("five wrong passwords close the door for five minutes, also for the right one", async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await ask("POST", "/login", { json: { user: "admin", password: `wrong ${attempt}` } })).status).toBe(401);
    }
    expect((await ask("POST", "/login", { json: { user: "ADMIN", password: "admin" } })).status).toBe(429);
    await clock.advance(5 * 60_000);
    await login();
  });

  test("a network address is refused until the documented password is changed", async () => {
    await expect(app.listen("0.0.0.0:0")).rejects.toThrow(/anybody on the network could reach it/);
    const change = { oldPassword: "admin", newPassword: "correct horse", confirmNew: "correct horse" };
    expect((await ask("PUT", "/api/user/password", { headers: await login(), json: change })).status).toBe(200);
    await app.close();
    app = await open();
    expect((await app.listen("0.0.0.0:0")).host).toBe("0.0.0.0");
  });

  test("a session ends at logout", async () => {
    const headers = await login();
    expect((await ask("POST", "/api/tatou/v1/logout", { headers, json: {} })).status).toBe(200);
    expect((await ask("GET", "/api/user", { headers })).status).toBe(401);
  });
});

describe("dashboards", () => {
  test("files are provisioned, found, and cannot be saved over", async () => {
    const found = (await ask("GET", "/api/search?type=dash-db&query=FROM", { headers: basic })).body;
    expect(found).toMatchObject([
      { uid: "files", title: "From a file", url: "/d/files/from-a-file", folderTitle: "Tatou", type: "dash-db" },
    ]);
    const one = (await ask("GET", "/api/dashboards/uid/files", { headers: basic })).body;
    expect(one).toMatchObject({
      meta: { provisioned: true, provisionedExternalId: "one.json" },
      dashboard: { title: "From a file" },
    });
    const save = await ask("POST", "/api/dashboards/db", {
      headers: basic,
      json: { dashboard: dashboardFile, overwrite: true },
    });
    expect(save).toMatchObject({ status: 400, body: { message: "Cannot save provisioned dashboard" } });
  });

  test("a changed file is taken over, a broken one leaves what was there, a removed one goes", async () => {
    const file = join(folder, "dashboards/one.json");
    writeFileSync(file, JSON.stringify({ ...dashboardFile, title: "New title" }));
    await clock.advance(10_000);
    expect((await ask("GET", "/api/dashboards/uid/files", { headers: basic })).body).toMatchObject({
      dashboard: { title: "New title" },
    });
    writeFileSync(file, "{ broken");
    await clock.advance(10_000);
    expect((await ask("GET", "/api/dashboards/uid/files", { headers: basic })).status).toBe(200);
    rmSync(file);
    await clock.advance(10_000);
    expect((await ask("GET", "/api/dashboards/uid/files", { headers: basic })).status).toBe(404);
  });

  test("saving needs the version that was loaded, or overwrite", async () => {
    const json = { dashboard: { title: "Mine", panels: [] } };
    const first = (await ask("POST", "/api/dashboards/db", { headers: basic, json })).body as {
      uid: string;
      version: number;
    };
    expect(first).toMatchObject({ status: "success", version: 1, url: `/d/${first.uid}/mine` });
    const again = { ...json.dashboard, uid: first.uid, version: 1 };
    expect(
      (await ask("POST", "/api/dashboards/db", { headers: basic, json: { dashboard: again } })).body,
    ).toMatchObject({ version: 2 });
    const stale = await ask("POST", "/api/dashboards/db", { headers: basic, json: { dashboard: again } });
    expect(stale).toMatchObject({ status: 412, body: { status: "version-mismatch" } });
    expect(
      (await ask("POST", "/api/dashboards/db", { headers: basic, json: { dashboard: again, overwrite: true } })).status,
    ).toBe(200);
    await app.close();
    app = await open();
    expect((await ask("GET", `/api/dashboards/uid/${first.uid}`, { headers: basic })).body).toMatchObject({
      dashboard: { version: 3 },
    });
  });

  test("an import fills in the data source it asks for", async () => {
    const dashboard = {
      title: "Shared",
      __inputs: [{ name: "DS_PROM", type: "datasource", pluginId: "prometheus" }],
      panels: [{ datasource: { uid: "${DS_PROM}" }, title: "${other}" }],
    };
    expect((await ask("POST", "/api/dashboards/import", { headers: basic, json: { dashboard } })).status).toBe(400);
    const inputs = [{ name: "DS_PROM", type: "datasource", pluginId: "prometheus", value: "prometheus" }];
    const done = (await ask("POST", "/api/dashboards/import", { headers: basic, json: { dashboard, inputs } }))
      .body as { uid: string };
    const { dashboard: stored } = (await ask("GET", `/api/dashboards/uid/${done.uid}`, { headers: basic })).body as {
      dashboard: unknown;
    };
    expect(stored).toMatchObject({ panels: [{ datasource: { uid: "prometheus" }, title: "${other}" }] });
    expect(stored).not.toHaveProperty("__inputs");
  });
});

describe("data sources", () => {
  const added = { name: "Other", type: "prometheus", url: "http://engine:9090/", basicAuth: true, basicAuthUser: "u" };

  test("the provisioned one is there, with its address from the environment, and read-only", async () => {
    const list = (await ask("GET", "/api/datasources", { headers: basic })).body;
    expect(list).toMatchObject([{ uid: "prometheus", url: "http://engine:9090", isDefault: true, readOnly: true }]);
    const update = await ask("PUT", "/api/datasources/uid/prometheus", { headers: basic, json: added });
    expect(update).toMatchObject({ status: 403, body: { message: "Cannot update read-only data source" } });
  });

  test("one is added, tested and queried with a secret that no answer shows", async () => {
    const json = { ...added, secureJsonData: { basicAuthPassword: "s3cret" } };
    const { datasource } = (await ask("POST", "/api/datasources", { headers: basic, json })).body as {
      datasource: { uid: string };
    };
    const health = await ask("GET", `/api/datasources/uid/${datasource.uid}/health`, { headers: basic });
    expect(health).toMatchObject({ status: 200, body: { status: "OK" } });
    const form = { headers: { ...basic, "content-type": "application/x-www-form-urlencoded" }, body: "query=up" };
    const path = `/api/datasources/proxy/uid/${datasource.uid}/api/v1/query`;
    expect((await ask("POST", path, form)).status).toBe(200);
    expect(asked.at(-1)).toMatchObject({ method: "POST", url: "http://engine:9090/api/v1/query" });
    expect(Buffer.from(asked.at(-1)!.body as Uint8Array).toString()).toBe("query=up");
    expect(asked.at(-1)!.headers!["authorization"]).toBe(`Basic ${Buffer.from("u:s3cret").toString("base64")}`);
    expect(JSON.stringify((await ask("GET", "/api/datasources", { headers: basic })).body)).not.toContain("s3cret");
    expect((await ask("POST", "/api/datasources", { headers: basic, json })).status).toBe(409);
  });

  test("a server that is away is told in words", async () => {
    const json = { ...added, url: "http://nowhere:1" };
    const { datasource } = (await ask("POST", "/api/datasources", { headers: basic, json })).body as {
      datasource: { uid: string };
    };
    const health = await ask("GET", `/api/datasources/uid/${datasource.uid}/health`, { headers: basic });
    expect(health).toMatchObject({
      status: 400,
      body: { status: "ERROR", message: expect.stringContaining("does not answer") },
    });
  });

  test.each(["api/v1/admin/tsdb/delete_series", "-/reload", "api/v1/status/config", "api/v1/label/a%2Fb/values"])(
    "the path %s is not passed on",
    async (path) => {
      const response = await ask("POST", `/api/datasources/proxy/uid/prometheus/${path}`, { headers: basic, json: {} });
      expect(response.status).toBe(403);
      expect(asked).toEqual([]);
    },
  );

  test.each([
    { json: [] },
    { json: { name: "x", type: "mysql" } },
    { json: { ...added, url: "file:///etc/passwd" } },
    { json: { ...added, uid: "a/b" } },
  ])("$json is refused in words", async ({ json }) => {
    const response = await ask("POST", "/api/datasources", { headers: basic, json });
    expect(response).toMatchObject({ status: 400, body: { message: expect.any(String) } });
  });
});
