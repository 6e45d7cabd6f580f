import { bodyText } from "@tatou/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadOpenApi } from "../testing/openapi.ts";
import { startMs, VirtualAlerts } from "../testing/virtual-alerts.ts";

const openApi = loadOpenApi();
if (openApi === null) console.log("conformance: absent (alertmanager_v2_openapi.yaml)");

let virtual: VirtualAlerts;

beforeEach(async () => {
  virtual = await VirtualAlerts.start();
});

afterEach(() => virtual.app.close());

/** The JSON of an answer with the expected status, checked against the schema of its path. */
async function get(path: string, status = 200): Promise<unknown> {
  const answer = await virtual.send("GET", `/api/v2${path}`);
  expect(answer.status).toBe(status);
  expect(answer.type).toContain("application/json");
  checkSchema({ path, method: "get", status }, answer.json());
  return answer.json();
}

function checkSchema(operation: { path: string; method: string; status: number }, body: unknown): void {
  const path = operation.path.replace(/\?.*/, "").replace(/^\/silence\/.*/, "/silence/{silenceID}");
  expect(openApi?.problems({ ...operation, path }, body) ?? []).toEqual([]);
}

interface WireAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly silencedBy: string[]; readonly inhibitedBy: string[] };
}

const namesOf = (alerts: unknown): string[] =>
  (alerts as WireAlert[]).map(({ labels }) => labels["alertname"] ?? "").sort();

const hour = 3_600_000;
const time = (offsetMs: number): string => new Date(startMs + offsetMs).toISOString();

function silence(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    matchers: [{ name: "alertname", value: "A", isRegex: false }],
    startsAt: time(0),
    endsAt: time(hour),
    createdBy: "me",
    comment: "known",
    ...changes,
  };
}

describe("alerts", () => {
  test("what is posted is listed, with its receivers and its state", async () => {
    await virtual.post("A", { labels: { severity: "high", empty: "" }, annotations: { summary: "it happens" } });
    expect(await get("/alerts")).toEqual([
      {
        annotations: { summary: "it happens" },
        endsAt: time(240_000),
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        receivers: [{ name: "team" }],
        startsAt: time(240_000),
        status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: "active" },
        updatedAt: time(0),
        labels: { alertname: "A", severity: "high" },
      },
    ]);
  });

  test.each([
    { query: "", names: ["A", "B", "Low", "TargetDown", "Watchdog"] },
    { query: '?filter=alertname="A"', names: ["A"] },
    { query: '?filter=alertname=~"A|B"&filter=job!="x"', names: ["B"] },
    { query: '?filter=nowhere=""&filter=severity=""', names: ["A", "B", "TargetDown", "Watchdog"] },
    { query: "?silenced=false", names: ["A", "Low", "TargetDown", "Watchdog"] },
    { query: "?inhibited=false", names: ["A", "B", "TargetDown", "Watchdog"] },
    { query: "?active=false", names: ["B", "Low"] },
    { query: "?receiver=no.*", names: ["Watchdog"] },
    { query: '?receiver_matchers=team="x"', names: [] },
  ])("GET /alerts$query", async ({ query, names }) => {
    await virtual.post("A", { labels: { job: "x" } });
    await virtual.post("B");
    await virtual.post("Watchdog");
    await virtual.post("TargetDown", { labels: { job: "app" } });
    await virtual.post("Low", { labels: { job: "app", severity: "low" } });
    const matchers = [{ name: "alertname", value: "B|C", isRegex: true, isEqual: true }];
    await virtual.send("POST", "/api/v2/silences", silence({ matchers }));
    expect(namesOf(await get(`/alerts${encodeQuery(query)}`))).toEqual(names);
  });

  test("one that is over is not listed", async () => {
    await virtual.post("A");
    await virtual.post("A", { lastsSeconds: 0 });
    await virtual.post("B", { lastsSeconds: 10 });
    await virtual.playTo(11);
    expect(await get("/alerts")).toEqual([]);
  });

  test("groups hold the alerts of each route", async () => {
    await virtual.post("A", { labels: { instance: "2" } });
    await virtual.post("A", { labels: { instance: "1" } });
    await virtual.post("Watchdog");
    const groups = (await get("/alerts/groups")) as { receiver: { name: string }; alerts: unknown[] }[];
    expect(groups.map(({ receiver, alerts }) => `${receiver.name} ${alerts.length}`)).toEqual(["team 2", "nobody 1"]);
    expect(groups[0]).toMatchObject({ labels: { alertname: "A" }, alerts: [{ labels: { instance: "1" } }, {}] });
    expect(await get(`/alerts/groups${encodeQuery('?filter=alertname="A"&muted=false')}`)).toHaveLength(1);
  });

  test.each([
    { what: "no JSON", body: "[{", status: 400, message: 'parsing alerts body from "" failed' },
    { what: "an abyss", body: "[".repeat(300_000) + "]".repeat(300_000), status: 422, message: "0 in body must be of" },
    {
      what: "an abyss of labels",
      body: `[{"labels":{"a":${'{"a":'.repeat(300_000)}1${"}".repeat(300_000)}}}]`,
      status: 422,
      message: "0.labels.a in body must be of type string: an object",
    },
    { what: "no list", body: "{}", status: 422, message: "must be of type array" },
    { what: "no labels", body: "[{}]", status: 422, message: "0.labels in body is required" },
    { what: "a label that is a number", body: '[{"labels":{"a":1}}]', status: 422, message: "0.labels.a in body" },
    { what: "a time that is none", body: '[{"labels":{"a":"b"},"endsAt":"soon"}]', status: 422, message: "date-time" },
    { what: "an empty label set", body: '[{"labels":{"a":""}}]', status: 400, message: "at least one label pair" },
    {
      what: "an end before the start",
      body: JSON.stringify([{ labels: { a: "b" }, startsAt: time(10), endsAt: time(5) }]),
      status: 400,
      message: "start time must be before end time",
    },
  ])("POST /alerts refuses $what", async ({ body, status, message }) => {
    const answer = await virtual.send("POST", "/api/v2/alerts", body);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain("application/json");
    expect(answer.text).toContain(message.replaceAll('"', '\\"'));
    expect(answer.json()).toBeTruthy();
  });

  test("the valid ones of a batch are taken", async () => {
    const batch = [{ labels: { alertname: "A" } }, { labels: {} }];
    expect((await virtual.send("POST", "/api/v2/alerts", batch)).status).toBe(400);
    expect(namesOf(await get("/alerts"))).toEqual(["A"]);
  });

  test.each([
    { query: "?filter=a", status: 400 },
    { query: '?filter=a="b",c="d"', status: 400 },
    { query: "?receiver=(", status: 400 },
    { query: "?active=maybe", status: 422 },
  ])("GET /alerts$query is refused", async ({ query, status }) => {
    expect((await virtual.send("GET", `/api/v2/alerts${encodeQuery(query)}`)).status).toBe(status);
  });
});

describe("silences", () => {
  test("are made, read, changed and ended", async () => {
    const posted = await virtual.send("POST", "/api/v2/silences", silence());
    checkSchema({ path: "/silences", method: "post", status: 200 }, posted.json());
    const { silenceID: id } = posted.json() as { silenceID: string };
    expect(await get(`/silence/${id}`)).toEqual({
      id,
      status: { state: "active" },
      updatedAt: time(0),
      annotations: {},
      comment: "known",
      createdBy: "me",
      endsAt: time(hour),
      matchers: [{ isEqual: true, isRegex: false, name: "alertname", value: "A" }],
      startsAt: time(0),
    });
    const longer = await virtual.send("POST", "/api/v2/silences", silence({ id, endsAt: time(2 * hour) }));
    expect(longer.json()).toEqual({ silenceID: id });
    const other = silence({ id, matchers: [{ name: "alertname", value: "B", isRegex: false }] });
    const replaced = ((await virtual.send("POST", "/api/v2/silences", other)).json() as { silenceID: string })
      .silenceID;
    expect(replaced).not.toBe(id);
    expect((await virtual.send("DELETE", `/api/v2/silence/${replaced}`)).status).toBe(200);
    await virtual.playTo(1);
    const silences = (await get("/silences")) as { status: { state: string } }[];
    expect(silences.map(({ status }) => status.state)).toEqual(["expired", "expired"]);
    expect(await get("/silences?expired=false")).toEqual([]);
    expect(await get(`/silences${encodeQuery('?filter=alertname="B"')}`)).toHaveLength(1);
  });

  test("keep alerts quiet, and say so", async () => {
    await virtual.post("A");
    const { silenceID } = (await virtual.send("POST", "/api/v2/silences", silence())).json() as { silenceID: string };
    await virtual.playTo(60);
    expect(virtual.told).toEqual([]);
    expect(((await get("/alerts")) as WireAlert[])[0]?.status).toMatchObject({
      state: "suppressed",
      silencedBy: [silenceID],
    });
    await virtual.send("DELETE", `/api/v2/silence/${silenceID}`);
    await virtual.playTo(100);
    expect(virtual.told).toEqual(["65: A"]);
  });

  test.each([
    { what: "no matchers", changes: { matchers: [] }, status: 422, message: "at least 1 items" },
    { what: "no comment", changes: { comment: undefined }, status: 422, message: "comment in body is required" },
    {
      what: "matchers that match everything",
      changes: { matchers: [{ name: "a", value: ".*", isRegex: true }] },
      status: 400,
      message: "at least one matcher must not match the empty string",
    },
    {
      what: "a broken expression",
      changes: { matchers: [{ name: "a", value: "(", isRegex: true }] },
      status: 400,
      message: "invalid regular expression",
    },
    { what: "an end before the start", changes: { endsAt: time(-1) }, status: 400, message: "before end time" },
    {
      what: "an end in the past",
      changes: { startsAt: time(-2 * hour), endsAt: time(-hour) },
      status: 400,
      message: "end time can't be in the past",
    },
    {
      what: "an unknown id",
      changes: { id: "00000000-0000-4000-8000-000000000000" },
      status: 404,
      message: "silence not found",
    },
  ])("are refused with $what", async ({ changes, status, message }) => {
    const answer = await virtual.send("POST", "/api/v2/silences", silence(changes));
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
  });

  test("that are unknown are not found", async () => {
    const path = "/api/v2/silence/00000000-0000-4000-8000-000000000000";
    expect((await virtual.send("GET", path)).status).toBe(404);
    expect((await virtual.send("DELETE", path)).status).toBe(404);
    expect((await virtual.send("GET", "/api/v2/silence/x")).status).toBe(422);
  });
});

describe("status", () => {
  test("what is not there is answered as JSON", async () => {
    expect((await virtual.send("GET", "/api/v2/nothing?x=1")).json()).toEqual({
      code: 404,
      message: "path /api/v2/nothing was not found",
    });
  });

  test("a browser that asks for what is not there gets a page that leads on", async () => {
    const headers = { accept: "text/html,*/*;q=0.8" };
    const ask = async (path: string) =>
      virtual.app.handle(
        { method: "GET", url: `http://localhost:9093${path}`, headers },
        { remoteAddress: "127.0.0.1" },
      );
    const page = await ask("/silencess");
    expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    for (const path of ["/alerts", "/silences", "/inbox", "/status"])
      expect(bodyText(page)).toContain(`<a href="${path}">`);
    for (const path of ["/api/v1/alerts", "/api/v2/nothing", "/api/nothing"])
      expect([(await ask(path)).status, JSON.parse(bodyText(await ask(path)))]).toEqual([
        404,
        { code: 404, message: `path ${path} was not found` },
      ]);
    expect(await virtual.send("GET", "/silencess")).toMatchObject({ status: 404, text: "404 page not found\n" });
  });

  test("tells version and configuration, without secrets", async () => {
    virtual.files.set("alertmanager.yml", `${virtual.files.get("alertmanager.yml")}\n# url: https://h/t0ken\n`);
    await virtual.app.reload();
    const status = (await get("/status")) as { config: { original: string } };
    expect(status.config.original).toContain("group_interval: 30s");
    expect(status.config.original).not.toContain("t0ken");
  });

  test("lists receivers", async () => {
    expect(await get("/receivers")).toEqual([
      { name: "team", labels: {} },
      { name: "nobody", labels: {} },
    ]);
  });
});

function encodeQuery(query: string): string {
  return query.replace(/=(?!~|")|[^?&=!~]+|[=!~"]+/g, (part) => (part === "=" ? part : encodeURIComponent(part)));
}
