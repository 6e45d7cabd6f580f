/** That each metric exists from the start, moves exactly when it should, and that logs say the same without secrets. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lib/processes.ts";
import { Account, logIn, nextAddress, password, tryLogIn, uniqueLogin } from "./lib/account.ts";
import {
  durationBuckets,
  eventsBySeverity,
  extraMetrics,
  failureMetrics,
  type Moves,
  metricsByClient,
  seriesOf,
  uploadErrorTypes,
} from "./lib/expected-metrics.ts";
import { type Answer, type FormFile, type Sent, send, uploadForm } from "./lib/http.ts";
import { difference, parseSeries, promisedMetrics, type Scrape, scrape, seriesName } from "./lib/metrics.ts";
import { brokenPdf, deepPdf, encryptedPdf, launchPdf, pdf, zeroPagePdf } from "./lib/pdfs.ts";
import { onDatabase, Platform } from "./lib/platform.ts";
import { integerIn } from "./lib/rmap-client.ts";
import { type RmapPlatform, startRmapPlatform } from "./lib/rmap-platform.ts";

const uploadLimitBytes = 100_000;
let rmap: RmapPlatform;
let platform: Platform;
let atStart: Scrape;
let startText: string;
let user: Account;

beforeAll(async () => {
  rmap = await startRmapPlatform({ MAX_UPLOAD_BYTES: String(uploadLimitBytes) });
  platform = rmap.platform;
  startText = (await platform.send("/metrics")).text;
  atStart = await scrape(platform.port);
  user = await platform.newAccount();
});
afterAll(() => platform.stop());

describe("from the start", () => {
  test("the exposition is of the text format, and every promised metric has help and type", async () => {
    const { headers } = await platform.send("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const types = new Map([...startText.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
    for (const metric of promisedMetrics) {
      expect(startText).toContain(`# HELP ${metric} `);
      expect(types.get(metric)).toBe(metric.endsWith("_seconds") ? "histogram" : "counter");
    }
    expect(extraMetrics.filter((metric) => !types.has(metric))).toEqual([]);
  });

  test("every type of event exists at 0 with its one severity", () => {
    const pairs = Object.entries(eventsBySeverity).flatMap(([severity, types]) =>
      types.map((type) => seriesName("security_events_total", { event_type: type, severity })),
    );
    const found = [...atStart].filter(([name]) => name.startsWith("security_events_total"));
    expect(new Map(found)).toEqual(new Map(pairs.map((name) => [name, 0])));
  });

  test("every metric by address exists at 0 for the others, uploads for each type of error", () => {
    for (const metric of metricsByClient.filter((name) => name !== "file_upload_errors_total")) {
      expect(atStart.get(seriesName(metric, { client_ip: "other" }))).toBe(0);
    }
    for (const type of uploadErrorTypes) {
      expect(atStart.get(`file_upload_errors_total{client_ip="other",error_type="${type}"}`)).toBe(0);
    }
    for (const metric of metricsByClient) {
      expect(atStart.get(seriesName("metrics_label_overflow_total", { metric }))).toBe(0);
    }
    expect(atStart.get("metrics_tracked_client_ips")).toBe(0);
    expect(atStart.get("rmap_sessions_pending")).toBe(0);
  });

  test("the requests so far are the health checks of the start", () => {
    const requests = [...atStart.keys()].filter((name) => name.startsWith("http_requests_total"));
    for (const name of requests) expect(parseSeries(name).labels["endpoint"]).toBe("/healthz");
    const health = { endpoint: "/healthz", method: "GET" };
    const bounds = [...atStart.keys()]
      .map(parseSeries)
      .filter(
        ({ metric, labels }) => metric.endsWith("request_duration_seconds_bucket") && labels["endpoint"] === "/healthz",
      )
      .map(({ labels }) => labels["le"]);
    expect(bounds).toEqual(durationBuckets);
    expect(atStart.get(seriesName("http_request_duration_seconds_count", health))).toBe(
      atStart.get(seriesName("http_requests_total", { ...health, http_status: "200" })),
    );
  });
});

/** Runs something and compares what it moved, of all that reports failures, with what it should. */
async function expectMoves(moves: Moves, clientIp: string, action: () => Promise<unknown>): Promise<void> {
  const before = await scrape(platform.port);
  await action();
  const moved = difference(before, await scrape(platform.port), failureMetrics);
  expect(moved).toEqual(seriesOf(moves, clientIp));
}

describe("requests", () => {
  test.each<{ path: string; sent?: Sent; endpoint: string; status: number; method?: string }>([
    { path: "/", endpoint: "/", status: 200 },
    { path: "/nothing.css", endpoint: "unmatched", status: 404 },
    { path: "/api/nothing", endpoint: "unmatched", status: 404 },
    { path: "/wp-admin/setup.php?x=1", endpoint: "unmatched", status: 404 },
    { path: "/healthz", endpoint: "/healthz", status: 200 },
    { path: "/healthz", sent: { method: "HEAD" }, endpoint: "/healthz", status: 200, method: "HEAD" },
    { path: "/api/login", sent: { method: "OPTIONS" }, endpoint: "/api/login", status: 204, method: "OPTIONS" },
    { path: "/api/login", sent: { method: "PATCH" }, endpoint: "/api/login", status: 405, method: "PATCH" },
    { path: "/api/login", sent: { method: "PROPFIND" }, endpoint: "/api/login", status: 405, method: "OTHER" },
    { path: `/api/get-version/${"q".repeat(43)}`, endpoint: "/api/get-version/:link", status: 404 },
    { path: "/api/get-document/77", endpoint: "/api/get-document/:document_id", status: 401 },
    { path: "/api/get-document?id=77", endpoint: "/api/get-document", status: 401 },
    { path: "/api/list-versions/5", endpoint: "/api/list-versions/:document_id", status: 401 },
    {
      path: "/api/delete-document/1",
      sent: { method: "DELETE" },
      endpoint: "/api/delete-document/:document_id",
      status: 401,
      method: "DELETE",
    },
    {
      path: "/api/create-watermark/1",
      sent: { method: "POST" },
      endpoint: "/api/create-watermark/:document_id",
      status: 401,
      method: "POST",
    },
  ])("to $path count once, as $endpoint", async ({ path, sent = {}, endpoint, status, method = "GET" }) => {
    const metrics = ["http_requests_total", "http_request_duration_seconds_count"];
    const before = await scrape(platform.port);
    expect((await platform.send(path, { from: nextAddress(), ...sent })).status).toBe(status);
    expect(difference(before, await scrape(platform.port), metrics)).toEqual({
      [seriesName("http_requests_total", { method, endpoint, http_status: String(status) })]: 1,
      [seriesName("http_request_duration_seconds_count", { method, endpoint })]: 1,
    });
  });

  test("for page files count as one endpoint, and scrapes not at all", async () => {
    const file = /(?:href|src)="(\/?[^":]+\.(?:css|js))"/.exec((await platform.send("/")).text)?.[1];
    const before = await scrape(platform.port);
    await platform.send(new URL(file!, "http://platform/").pathname);
    const moved = difference(before, await scrape(platform.port), ["http_requests_total"]);
    expect(moved).toEqual({ 'http_requests_total{endpoint="static",http_status="200",method="GET"}': 1 });
  });
});

describe("nothing but requests moves", () => {
  test("for a user who does everything right, under names that look odd", async () => {
    await expectMoves({}, "", async () => {
      const honest = await platform.newAccount();
      for (const name of ["O'Brien", "O'Brien -- draft; update 2", "R&D -- draft.pdf", "select committee"]) {
        const { id } = await honest.upload(pdf(), name);
        const request = {
          method: "layered",
          secret: "' OR 1=1 --",
          key: "'; DROP TABLE Users; --",
          intended_for: name,
        };
        const { link } = await honest.createVersion(id, { ...request, position: "1; DELETE FROM Users" });
        const copy = await honest.upload((await platform.send(`/api/get-version/${link}`)).body, name);
        expect((await honest.readWatermark(copy.id, "layered", request.key)).status).toBe(201);
        await honest.versions(id);
        await honest.getDocument(id);
        await honest.send(`/api/delete-document/${id}`, { method: "DELETE" });
      }
      await rmap.client(0, { from: nextAddress() }).handshake();
    });
  });

  test("for what is merely not there, or taken", async () => {
    await expectMoves({}, user.from, async () => {
      expect((await user.getDocument(999_999)).status).toBe(404);
      const json = { email: user.email, login: uniqueLogin(), password };
      expect((await platform.send("/api/create-user", { method: "POST", json, from: user.from })).status).toBe(409);
    });
  });
});

describe("logins and tokens", () => {
  test("a wrong password, a missing header and a bad token count once each", async () => {
    await expectMoves({ auth: 1, events: { auth_failure: 1 } }, user.from, () =>
      tryLogIn(platform.port, { email: user.email, password: "a wrong password" }, user.from),
    );
    await expectMoves({ auth: 1, events: { auth_failure: 1 } }, user.from, () =>
      platform.send("/api/list-documents", { from: user.from }),
    );
    await expectMoves({ auth: 1, events: { token_invalid: 1 } }, user.from, () =>
      user.send("/api/list-documents", { token: `${user.token}x` }),
    );
  });

  test("a run of guesses at one account is told as such once, refusals as failures", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    await expectMoves(
      { auth: 8, events: { auth_failure: 5, auth_throttled: 3, auth_bruteforce: 1 } },
      from,
      async () => {
        for (let index = 0; index < 8; index++)
          await tryLogIn(platform.port, { email, password: "a wrong password" }, from);
      },
    );
  });

  test("a run over ten accounts is told once", async () => {
    const from = nextAddress();
    await expectMoves({ auth: 12, events: { auth_failure: 12, credential_stuffing: 1 } }, from, async () => {
      for (let index = 0; index < 12; index++) {
        await tryLogIn(platform.port, { email: `stuffed-${index}@example.org`, password: "a wrong password" }, from);
      }
    });
  });

  test("a success after ten failures is critical", async () => {
    const { email } = await platform.newAccount();
    for (let index = 0; index < 10; index++) {
      await tryLogIn(platform.port, { email, password: "a wrong password" }, nextAddress());
    }
    await expectMoves({ events: { login_after_bruteforce: 1 } }, "", () => logIn(platform.port, email, nextAddress()));
  });
});

describe("inputs", () => {
  test("that are invalid count as such", async () => {
    const { id } = await user.upload();
    for (const [path, json] of [
      ["/api/create-user", {}],
      ["/api/login", []],
      [`/api/create-watermark/${id}`, { method: "toy-eof" }],
      [`/api/create-watermark/${id}`, { method: "nothing", secret: "s", key: "k", intended_for: "r" }],
      ["/api/delete-document", { id: "abc" }],
    ] as const) {
      const events = { input_validation_failed: 1 };
      await expectMoves({ events }, user.from, async () => expect((await user.post(path, json)).status).toBe(400));
    }
  });

  test.each([
    "' OR 1=1",
    "' OR '1'='1",
    "x' or 'a'='a' --",
    "admin'--",
    "admin' #",
    "1' AND 1=1",
    "' UNION SELECT password FROM users",
    "' union/**/all/* */select 1",
    "x; DROP TABLE Users",
    "x;delete from Documents",
    "1; UPDATE Users SET login = 1",
    "SLEEP(5)",
    "1 AND pg_sleep(5)",
    "benchmark(1000000,md5(1))",
    "x' WAITFOR DELAY '0:0:5",
    "information_schema.tables",
    "select * from sqlite_master",
  ])("with %j look like an injection", async (text) => {
    const from = nextAddress();
    await expectMoves({ sql: 1, events: { sql_injection_attempt: 1 } }, from, () =>
      platform.send(`/healthz?text=${encodeURIComponent(text)}`, { from }),
    );
  });

  test("look like one in every place but the secret ones", async () => {
    const text = "1 OR 1=1";
    const { id } = await user.upload();
    const version = { method: "toy-eof", secret: "s", key: "k", intended_for: "r" };
    const places: readonly (readonly [string, Sent])[] = [
      [`/api/get-document/${encodeURIComponent(text)}`, {}],
      [`/api/get-document?id=${encodeURIComponent(text)}`, {}],
      ["/api/delete-document", { method: "POST", json: { id: text } }],
      ["/api/delete-document", { method: "DELETE", json: { documentid: "0; DROP TABLE Users" } }],
      [`/api/create-watermark/${id}`, { method: "POST", json: { ...version, intended_for: "' OR 1=1 --" } }],
      [`/api/create-watermark/${id}`, { method: "POST", json: { ...version, method: "' OR 1=1 --" } }],
      [`/api/get-version/${encodeURIComponent("' OR 1=1 --")}`, {}],
      ["/api/create-user", { method: "POST", json: { login: "' OR 1=1 --", email: "a@b.cc", password } }],
      ["/api/login", { method: "POST", json: { email: "' OR 1=1 --", password } }],
    ];
    for (const [path, sent] of places) {
      const before = await scrape(platform.port);
      await user.send(path, sent);
      const moved = difference(before, await scrape(platform.port), failureMetrics);
      expect({ path, moved }).toMatchObject({
        path,
        moved: seriesOf({ sql: 1, events: { sql_injection_attempt: 1 } }, user.from),
      });
    }
  });

  test("with markup in names are told, and taken where they may be", async () => {
    await expectMoves({ events: { xss_attempt: 1 } }, user.from, () =>
      user.upload(pdf(), "<img src=x onerror=alert(1)>.pdf"),
    );
    const { id } = await user.upload();
    await expectMoves({ events: { xss_attempt: 1 } }, user.from, () =>
      user.createVersion(id, { method: "toy-eof", intended_for: "<script>alert(1)</script>" }),
    );
    const json = { login: "<script>", email: "a@example.org", password };
    await expectMoves({ events: { xss_attempt: 1, input_validation_failed: 1 } }, user.from, () =>
      user.post("/api/create-user", json),
    );
  });

  test("that try to leave a folder are told, wherever they stand", async () => {
    const from = nextAddress();
    await expectMoves({ events: { path_traversal_attempt: 3 } }, from, async () => {
      for (const path of ["/..%2f..%2fetc%2fpasswd", "/%2e%2e/package.json", "/%00.html"])
        await platform.send(path, { from });
    });
    await expectMoves({ events: { path_traversal_attempt: 2 } }, user.from, async () => {
      await user.tryUpload({ bytes: pdf(), fileName: "../../x.pdf" });
      await user.tryUpload({ bytes: pdf(), fileName: "/tmp/x.pdf" });
    });
    await expectMoves({ events: { path_traversal_attempt: 1, version_link_miss: 1 } }, from, () =>
      platform.send("/api/get-version/..%2f..%2fsecret", { from }),
    );
  });
});

describe("objects and links", () => {
  test("another's document is told as denied, an unknown link as a miss, the plugin route as an attempt", async () => {
    const { id } = await user.upload();
    const other = await platform.newAccount();
    await expectMoves({ events: { authorization_denied: 2 } }, other.from, async () => {
      await other.getDocument(id);
      await other.send(`/api/delete-document/${id}`, { method: "DELETE" });
    });
    await expectMoves({ events: { version_link_miss: 1 } }, other.from, () =>
      other.send(`/api/get-version/${"m".repeat(43)}`),
    );
    await expectMoves({ events: { plugin_load_attempt: 1 } }, other.from, () =>
      other.post("/api/load-plugin", { filename: "x", overwrite: true }),
    );
  });

  test("misses beyond the limit are told as limited", async () => {
    const from = nextAddress();
    await expectMoves({ events: { version_link_miss: 60, rate_limited: 2 } }, from, async () => {
      for (let index = 0; index < 62; index++) await platform.send(`/api/get-version/${"m".repeat(43)}`, { from });
    });
  });

  test("marks that are absent or of another key are told apart", async () => {
    const plain = await user.upload();
    await expectMoves({ events: { watermark_not_found: 1 } }, user.from, () => user.readWatermark(plain.id, "layered"));
    const { link } = await user.createVersion(plain.id, { method: "layered" });
    const copy = await user.upload((await platform.send(`/api/get-version/${link}`)).body);
    await expectMoves({ events: { watermark_key_mismatch: 1 } }, user.from, () =>
      user.readWatermark(copy.id, "layered", "another key"),
    );
  });

  test("a database that fails is told once a request", async () => {
    await expectMoves({ sql: 2, events: { database_error: 2 } }, user.from, async () => {
      onDatabase(platform, (database) => database.exec("ALTER TABLE Documents RENAME TO Gone"));
      try {
        expect((await user.send("/api/list-documents")).status).toBe(503);
        expect((await user.getDocument(1)).status).toBe(503);
      } finally {
        onDatabase(platform, (database) => database.exec("ALTER TABLE Gone RENAME TO Documents"));
      }
    });
  });
});

describe("uploads", () => {
  let uploader: Account;
  beforeAll(async () => {
    uploader = await platform.newAccount();
  });

  const rejected = { file_upload_rejected: 1 } as const;

  test.each<{ type: (typeof uploadErrorTypes)[number]; file: FormFile; more?: Moves }>([
    { type: "empty_filename", file: { bytes: pdf(), fileName: "" } },
    { type: "bad_extension", file: { bytes: pdf(), fileName: "x.exe" } },
    { type: "bad_mime", file: { bytes: pdf(), type: "text/html" } },
    { type: "empty_file", file: { bytes: "" } },
    { type: "too_large", file: { bytes: Buffer.concat([pdf(), Buffer.alloc(uploadLimitBytes, "%")]) } },
    { type: "bad_magic", file: { bytes: "<html></html>" } },
    { type: "parse_error", file: { bytes: brokenPdf }, more: { pdf: 1, events: { pdf_parser_error: 1 } } },
    { type: "encrypted", file: { bytes: encryptedPdf } },
    { type: "malicious", file: { bytes: launchPdf }, more: { events: { malicious_file_detected: 1 } } },
    { type: "limits", file: { bytes: deepPdf }, more: { pdf: 1, events: { pdf_parser_limit: 1 } } },
    // The first that applies: an extension before a type before the content.
    { type: "bad_extension", file: { bytes: "", fileName: "x.html", type: "text/html" } },
  ])("refused as $type count once", async ({ type, file, more = {} }) => {
    const moves = { ...more, upload: { [type]: 1 }, events: { ...rejected, ...more.events } };
    await expectMoves(moves, uploader.from, () => uploader.tryUpload(file));
  });

  test("without pages count as one error of the content", async () => {
    const before = await scrape(platform.port);
    await uploader.tryUpload({ bytes: zeroPagePdf });
    const moved = difference(before, await scrape(platform.port), ["file_upload_errors_total"]);
    expect(Object.values(moved)).toEqual([1]);
  });

  test("that are no form, or one without file, count as such", async () => {
    const json = { method: "POST", json: {} };
    await expectMoves({ upload: { malformed_multipart: 1 }, events: rejected }, uploader.from, () =>
      uploader.send("/api/upload-document", json),
    );
    const { headers, body } = uploadForm({ bytes: pdf() });
    const text = Buffer.from(body as Uint8Array)
      .toString("latin1")
      .replace('name="file"', 'name="data"');
    const sent = { method: "POST", headers: headers!, body: Buffer.from(text, "latin1") };
    await expectMoves({ upload: { missing_file: 1 }, events: rejected }, uploader.from, () =>
      uploader.send("/api/upload-document", sent),
    );
  });

  test("without a token count as failed authentication, and as nothing else", async () => {
    await expectMoves({ auth: 1, events: { auth_failure: 1 } }, uploader.from, () =>
      platform.send("/api/upload-document", { ...uploadForm({ bytes: "" }), from: uploader.from }),
    );
  });

  test("that the database or the disk refuses count as its errors", async () => {
    onDatabase(platform, (database) => database.exec("ALTER TABLE Documents RENAME TO Gone"));
    try {
      const moves = { sql: 1, upload: { db_error: 1 }, events: { ...rejected, database_error: 1 } };
      await expectMoves(moves, uploader.from, () => uploader.tryUpload({ bytes: pdf() }));
    } finally {
      onDatabase(platform, (database) => database.exec("ALTER TABLE Gone RENAME TO Documents"));
    }
    const incoming = join(platform.storageFolder, "incoming");
    const files = join(platform.storageFolder, "files");
    for (const folder of [incoming, files]) renameSync(folder, `${folder}-away`);
    for (const folder of [incoming, files]) writeFileSync(folder, "a file where a folder should be");
    try {
      const before = await scrape(platform.port);
      const { status } = await uploader.tryUpload({ bytes: pdf() });
      expect(status).toBeGreaterThanOrEqual(500);
      const moved = difference(before, await scrape(platform.port), ["file_upload_errors_total"]);
      expect(moved).toEqual(seriesOf({ upload: { storage_error: 1 } }, uploader.from));
    } finally {
      for (const folder of [incoming, files]) {
        rmSync(folder);
        renameSync(`${folder}-away`, folder);
      }
    }
  });

  test("beyond quota and rate count as such", async () => {
    const hoarder = await platform.newAccount();
    onDatabase(platform, (database) => {
      const numbers = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 500)";
      const row = `${hoarder.id}, 'n', 'files/none/' || v || '.pdf', '2026-01-01T00:00:00.000Z', x'00', 1`;
      database.exec(
        `${numbers} INSERT INTO Documents (ownerid, name, path, creation, sha256, size) SELECT ${row} FROM n`,
      );
    });
    await expectMoves({ upload: { quota_exceeded: 1 }, events: rejected }, hoarder.from, () =>
      hoarder.tryUpload({ bytes: pdf() }),
    );
    // The one above was the first of sixty.
    for (let index = 0; index < 59; index++) await hoarder.tryUpload({ bytes: "" });
    const moves = { upload: { rate_limited: 1 }, events: { ...rejected, rate_limited: 1 } };
    await expectMoves(moves, hoarder.from, () => hoarder.tryUpload({ bytes: pdf() }));
  });
});

describe("RMAP", () => {
  test("failures count once each, with their most precise event", async () => {
    const own = rmap.client(1, { from: nextAddress() });
    const failed = { rmap: 1, events: { rmap_handshake_failure: 1 } } as const;
    await expectMoves(failed, own.from, () => own.postPayload("/api/rmap-initiate", "garbage"));
    await expectMoves(failed, own.from, () => own.postPayload("/api/rmap-get-link", 5));
    await expectMoves(failed, own.from, () => own.post("/api/rmap-initiate", '{"nonceClient":true,"identity":"x"}'));
    await expectMoves(failed, own.from, () => own.getLink(12345n));
    await expectMoves(failed, own.from, () => platform.send("/api/rmap-initiate", { from: own.from }));
    await expectMoves({ rmap: 1, events: { rmap_unknown_identity: 1 } }, own.from, () => own.initiate(1n, "Nobody"));
    const nonceServer = integerIn(await own.open(await own.initiate(1n)), "nonceServer");
    await expectMoves({}, own.from, () => own.getLink(nonceServer));
    await expectMoves({ rmap: 1, events: { rmap_replay: 1 } }, own.from, () => own.getLink(nonceServer));
  });

  test("requests beyond the limit count as limited, and as failed handshakes", async () => {
    const from = nextAddress();
    for (let index = 0; index < 60; index++)
      await send(platform.port, "/api/rmap-initiate", { method: "POST", json: {}, from });
    await expectMoves({ rmap: 1, events: { rate_limited: 1 } }, from, () =>
      platform.send("/api/rmap-initiate", { method: "POST", json: {}, from }),
    );
  });
});

describe("with little room for addresses", () => {
  const room = 3;
  let small: Platform;
  beforeAll(async () => {
    small = await Platform.start({
      METRICS_MAX_CLIENT_IPS: String(room),
      METRICS_ALLOW: "127.0.0.1/32",
      TOKEN_TTL_SECONDS: "1",
    });
  });
  afterAll(() => small.stop());

  test("later addresses count together, and that they do is told", async () => {
    const before = await scrape(small.port);
    const addresses = Array.from({ length: room + 2 }, nextAddress);
    for (const from of addresses) await small.send("/api/list-documents", { from });
    const moved = difference(before, await scrape(small.port), [...failureMetrics, "metrics_label_overflow_total"]);
    expect(moved).toEqual({
      ...Object.fromEntries(addresses.slice(0, room).map((ip) => [`auth_failures_total{client_ip="${ip}"}`, 1])),
      'auth_failures_total{client_ip="other"}': 2,
      'metrics_label_overflow_total{metric="auth_failures_total"}': 2,
      'security_events_total{event_type="auth_failure",severity="low"}': room + 2,
      'security_events_total{event_type="metrics_label_overflow",severity="medium"}': 1,
    });
    expect((await scrape(small.port)).get("metrics_tracked_client_ips")).toBe(room);
  });

  test("an address that may not scrape finds nothing, and is told", async () => {
    const before = await scrape(small.port);
    const { status, text } = await small.send("/metrics", { from: nextAddress() });
    expect(status).toBe(404);
    expect(text).not.toContain("# TYPE");
    const moved = difference(before, await scrape(small.port), ["security_events_total"]);
    expect(moved).toEqual({ 'security_events_total{event_type="metrics_access_denied",severity="medium"}': 1 });
  });

  test("an expired token is told as expired", async () => {
    const late = await Account.create(small.port);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const before = await scrape(small.port);
    expect((await late.send("/api/list-documents")).json["error"]).toBe("Token expired");
    const moved = difference(before, await scrape(small.port), ["security_events_total"]);
    expect(moved).toEqual({ 'security_events_total{event_type="token_expired",severity="low"}': 1 });
  });
});

describe("in the end", () => {
  /** Waits for the event of a request in what the platform printed. */
  const untilLogged = (headers: Answer["headers"]) =>
    until("the line of the log", async () => platform.process.output.includes(String(headers["x-request-id"])));

  test("no series has appeared whose labels are not open by nature", async () => {
    const open = new Set(["client_ip", "endpoint", "http_status", "kind", "type", "space", "version"]);
    const appeared = [...(await scrape(platform.port)).keys()].filter(
      (name) => !atStart.has(name) && !Object.keys(parseSeries(name).labels).some((label) => open.has(label)),
    );
    expect(appeared).toEqual([]);
  });

  test("every endpoint is a template", async () => {
    const endpoints = new Set(
      [...(await scrape(platform.port)).keys()].map((name) => parseSeries(name).labels["endpoint"]),
    );
    for (const endpoint of endpoints)
      expect(endpoint ?? "/").toMatch(/^(static|unmatched|\/[a-z-]*(\/[a-z-]+)?(\/:[a-z_]+)?)$/);
  });

  test("every event is a line of the log, with the request's id", async () => {
    const from = nextAddress();
    const { headers } = await platform.send("/..%2f..%2fetc%2fpasswd", { from });
    await untilLogged(headers);
    const lines = platform.process.output.split("\n").filter((line) => line.includes(String(headers["x-request-id"])));
    const events = lines
      .map((line) => JSON.parse(line) as object)
      .filter((line) => JSON.stringify(line).includes("path_traversal_attempt"));
    expect(events).toHaveLength(1);
    expect(Object.values(events[0]!)).toEqual(expect.arrayContaining(["path_traversal_attempt", "high", from]));
    expect(JSON.stringify(events[0])).not.toContain("passwd");
    for (const line of platform.process.output.split("\n").filter(Boolean))
      expect(() => JSON.parse(line)).not.toThrow("JSON");
  });

  test("neither the log nor the audit trail holds a password, token, secret, key or link", async () => {
    const careful = await platform.newAccount();
    const marks = { secret: "Secret-8f2a91", key: "Key-77c0de42", intended_for: "Recipient" };
    const { id } = await careful.upload(pdf({ text: "Content-5ca1ab1e" }));
    const { link } = await careful.createVersion(id, { method: "layered", ...marks });
    await platform.send(`/api/get-version/${link}`);
    await careful.readWatermark(id, "layered", marks.key);
    await tryLogIn(platform.port, { email: careful.email, password: "Wrong-4d5e6f70" }, careful.from);
    await careful.send("/api/list-documents", { token: `${careful.token}Forged` });
    const { result } = await rmap.client(0, { from: nextAddress() }).handshake();
    // What is logged of this comes behind all that is logged of what was before.
    await untilLogged((await platform.send("/..%2f..%2fetc%2fpasswd", { from: nextAddress() })).headers);
    const rows = onDatabase(platform, (database) => database.prepare("SELECT * FROM AuditLog").all([]));
    expect(rows.length).toBeGreaterThan(0);
    const told = platform.process.output + JSON.stringify(rows);
    const hidden = [
      marks.secret,
      marks.key,
      "Content-5ca1ab1e",
      link,
      result,
      careful.token,
      password,
      "Wrong-4d5e6f70",
    ];
    expect(hidden.filter((text) => told.includes(text))).toEqual([]);
  });
});
