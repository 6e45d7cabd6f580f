import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StorageStatusAnswer } from "@tatou/api";
import { loadPrometheusConfig } from "@tatou/config";
import { labelsOf, silentLog } from "@tatou/model";
import { GatheredSamples, writeGathered } from "@tatou/tsdb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadOpenApi } from "../../../../tests/lib/openapi.ts";
import { openEngine } from "../engine.ts";
import { openEngineDoor } from "../http/engine-door.ts";
import { addQueryRoutes } from "../http/query-routes.ts";
import { EngineBench } from "../testing/engine-bench.ts";
import { EngineStorage } from "./engine-storage.ts";
import { storageFlagDefaults } from "./storage-flags.ts";

const config = `global: { scrape_interval: 1m, evaluation_interval: 1m }
scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["app:1"] }]
`;
const hour = 3_600_000;
const openApi = loadOpenApi("openapi_3.1.yaml");

const configFiles = { environment: {}, files: { glob: () => [], read: () => "", exists: () => false } };

let bench: EngineBench;
beforeEach(() => {
  bench = new EngineBench();
  bench.serve("app:1", () => `level{place="a"} 1\nlevel{place="b"} 2\n`);
});
afterEach(() => bench.close());

function post(path: string): Promise<{ status: number; text: string }> {
  return bench.request("POST", `/api/v1/admin/tsdb/${path}`, "");
}

async function deletedPlaces(): Promise<readonly string[]> {
  return (await bench.query("level")).map((series) => /place="(.)"/.exec(series)![1]!);
}

describe("while the log is read", () => {
  test("what needs samples is unavailable, and what tells about the start answers", async () => {
    bench.write("prometheus.yml", config);
    bench.engine = openEngine(bench.engineOptions());
    for (const path of ["/-/ready", "/api/v1/query?query=up", "/api/v1/status/tsdb", "/api/tatou/v1/summary"]) {
      const { status, text, headers } = await bench.get(path);
      expect({ path, status, text, stopping: headers["x-prometheus-stopping"] }).toEqual({
        ...{ path, status: 503, text: "Service Unavailable", stopping: "false" },
      });
    }
    expect(await bench.data("/api/v1/status/walreplay")).toEqual({ min: 0, max: 0, current: 0 });
    const { text } = await bench.get("/api/tatou/v1/storage");
    expect(JSON.parse(text)).toMatchObject({ state: "starting", storage: null });
    for (const path of ["/-/healthy", "/metrics", "/query", "/targets", "/tsdb-status"])
      expect((await bench.get(path)).status).toBe(200);

    await bench.engine.start();
    expect((await bench.get("/-/ready")).text).toBe("Prometheus Server is Ready.\n");
    await bench.clock.advance(60_000);
    expect(await deletedPlaces()).toEqual(["a", "b"]);
  });
});

describe("the admin API", () => {
  test("is off unless a flag says otherwise", async () => {
    await bench.start({ config });
    for (const path of ["delete_series?match[]=up", "clean_tombstones", "snapshot"]) {
      const { status, text } = await post(path);
      expect([status, JSON.parse(text)]).toEqual([
        503,
        { status: "error", errorType: "unavailable", error: "admin APIs disabled" },
      ]);
    }
  });

  test("deletes series, and takes them off the disk", async () => {
    await bench.start({ config, options: { isAdminApiEnabled: true } });
    await bench.clock.advance(65_000);
    expect(await deletedPlaces()).toEqual(["a", "b"]);
    expect(await post('delete_series?match[]=level{place="a"}')).toMatchObject({ status: 204, text: "" });
    expect(await deletedPlaces()).toEqual(["b"]);
    expect(await post("clean_tombstones")).toMatchObject({ status: 204, text: "" });
    expect((await bench.get("/api/v1/admin/tsdb/clean_tombstones")).status).toBe(405);
  });

  test("makes snapshots that are data directories", async () => {
    await bench.start({ config, options: { isAdminApiEnabled: true } });
    await bench.clock.advance(65_000);
    const { status, text } = await post("snapshot");
    expect(status).toBe(200);
    const { name } = (JSON.parse(text) as { data: { name: string } }).data;
    expect(name).toMatch(/^20260105T12\d{4}Z-[0-9a-f]{16}$/);
    const [ulid] = readdirSync(join(bench.directory, "data/snapshots", name));
    expect(ulid).toMatch(/^[0-9A-Z]{26}$/);
    const problems = openApi?.problems({ path: "/admin/tsdb/snapshot", method: "post", status: 200 }, JSON.parse(text));
    expect(problems ?? []).toEqual([]);
  });

  test.each([
    { path: "delete_series", error: "no match[] parameter provided" },
    {
      path: "delete_series?match[]=a{",
      error: 'invalid parameter "match[]": 1:3: parse error: unexpected end of input inside braces',
    },
    {
      path: "delete_series?match[]=up&start=x",
      error: `invalid parameter "start": Invalid time value for 'start': cannot parse "x" to a valid timestamp`,
    },
    {
      path: "snapshot?skip_head=x",
      error: 'invalid parameter "skip_head": unable to parse boolean: strconv.ParseBool: parsing "x": invalid syntax',
    },
  ])("refuses $path in Prometheus' words", async ({ path, error }) => {
    await bench.start({ config, options: { isAdminApiEnabled: true } });
    const { status, text } = await post(path);
    expect([status, JSON.parse(text)]).toEqual([400, { status: "error", errorType: "bad_data", error }]);
  });
});

describe("blocks", () => {
  test("come after some hours, are listed and measured, and answer", async () => {
    await bench.start({ config });
    await bench.clock.advance(4 * hour);
    const { blocks } = await bench.data<{ blocks: readonly { ulid: string; stats: { numSeries: number } }[] }>(
      "/api/v1/status/tsdb/blocks",
    );
    expect(blocks.length).toBeGreaterThan(0);
    expect(await bench.metric("prometheus_tsdb_blocks_loaded")).toBe(blocks.length);
    expect(await bench.metric("prometheus_tsdb_storage_blocks_bytes")).toBeGreaterThan(1000);
    const compactions = await bench.metric("prometheus_tsdb_compactions_total");
    expect(await bench.metric("prometheus_tsdb_compaction_duration_seconds_count")).toBe(compactions);
    expect(compactions).toBeGreaterThan(0);
    const { text } = await bench.get("/api/tatou/v1/storage");
    const { storage } = JSON.parse(text) as StorageStatusAnswer;
    expect(storage).toMatchObject({ writeProblem: null, retention: "15d", seriesCountMax: null, unusableBlocks: [] });
    expect(storage!.blocks.map(({ ulid }) => ulid)).toEqual(blocks.map(({ ulid }) => ulid));
    expect(await bench.query("count_over_time(level{place='a'}[3h59m])")).toEqual([expect.stringMatching(/ 2[34]\d$/)]);
  });

  test("damage inside one is an error in words, for who asks for it", async () => {
    const samples = new GatheredSamples();
    for (let at = 0; at < 10; at++) samples.add(0, bench.clock.nowMs() - hour + at * 1000, at * at);
    const options = { directory: join(bench.directory, "data"), labels: [labelsOf({ __name__: "old" })], nowMs: 1 };
    const { meta } = writeGathered(samples, options);
    const path = join(options.directory, meta!.ulid, "chunks/000001");
    const bytes = readFileSync(path);
    bytes[20]! ^= 1;
    writeFileSync(path, bytes);
    await bench.start({ config });
    await bench.clock.advance(65_000);
    const { status, text } = await bench.get("/api/v1/query?query=old[2h]");
    const error = expect.stringMatching(/^Cannot read block file ".*chunks\/000001" at byte 8: /);
    expect([status, JSON.parse(text)]).toEqual([500, { status: "error", errorType: "internal", error }]);
    expect(await deletedPlaces()).toEqual(["a", "b"]);
  });

  test("one that is damaged is set aside, and that is in the event log and on the page", async () => {
    const ulid = "01KE7X0000000000000000000A";
    mkdirSync(join(bench.directory, "data", ulid), { recursive: true });
    writeFileSync(join(bench.directory, "data", ulid, "meta.json"), "{");
    await bench.start({ config });
    const told = { ulid, movedTo: `${ulid}.corrupt`, reason: expect.stringContaining("meta.json") };
    expect(await bench.events("storage.")).toMatchObject([{ kind: "storage.block_unusable", data: told }]);
    const { text } = await bench.get("/api/tatou/v1/storage");
    expect((JSON.parse(text) as StorageStatusAnswer).storage!.unusableBlocks).toEqual([told]);
    expect(await bench.metric("tatou_tsdb_blocks_unusable")).toBe(1);
    expect((await bench.get("/tsdb-status")).text).toContain(`<td>Unusable block</td><td>${ulid}: `);
  });
});

test("exemplars are answered for every selector of an expression", async () => {
  const { clock, directory } = bench;
  const storage = new EngineStorage({
    ...{ clock, directory: join(directory, "data"), log: silentLog, onReplayProgress: () => undefined },
    flags: { ...storageFlagDefaults, hasExemplars: true },
  });
  await storage.open({ ...loadPrometheusConfig("", "prometheus.yml", configFiles).storage, maxExemplars: 10 });
  const appender = storage.appender();
  for (const name of ["a", "b", "c"]) {
    const ref = appender.resolve(labelsOf({ __name__: name }));
    appender.append(ref, clock.nowMs(), 1);
    appender.appendExemplar(ref, { labels: labelsOf({ trace_id: name }), value: 2, timestampMs: clock.nowMs() });
  }
  appender.commit();
  const door = openEngineDoor({ log: silentLog, onAnswer: () => undefined, readiness: () => "ready", clock });
  addQueryRoutes(door, { queries: null as never, exemplars: storage, features: {}, clock });
  const ask = async (query: string): Promise<unknown> => {
    const url = `/api/v1/query_exemplars?query=${encodeURIComponent(query)}`;
    const { body } = await door.inject({ url, headers: { host: "localhost" } });
    return JSON.parse(body);
  };
  const answer = (await ask("rate(a[1m]) + b")) as { data: { seriesLabels: { __name__: string } }[] };
  expect(answer.data.map(({ seriesLabels }) => seriesLabels.__name__)).toEqual(["a", "b"]);
  const operation = { path: "/query_exemplars", method: "get", status: 200 } as const;
  expect(openApi?.problems(operation, answer) ?? []).toEqual([]);
  expect(await ask("d")).toEqual({ status: "success", data: [] });
  await door.close();
  await storage.close();
});

describe("settings", () => {
  const retention = async (): Promise<string> =>
    (await bench.data<{ storageRetention: string }>("/api/v1/status/runtimeinfo")).storageRetention;

  test("of prometheus.yml go before flags, and take effect with a reload", async () => {
    const flags = { ...storageFlagDefaults, retentionTimeMs: 2 * 86_400_000, retentionSizeBytes: 1024 ** 3 };
    await bench.start({ config, options: { storage: flags } });
    expect(await retention()).toBe("2d or 1GiB");
    expect(await bench.metric("prometheus_tsdb_retention_limit_bytes")).toBe(1024 ** 3);
    const tsdb = "tsdb: { out_of_order_time_window: 10m, retention: { time: 3d, size: 512MB } }";
    bench.write("prometheus.yml", `${config}storage: { ${tsdb}, exemplars: { max_exemplars: 7 } }\n`);
    await bench.engine.reload();
    expect(await retention()).toBe("3d or 512MiB");
    expect(await bench.metric("prometheus_tsdb_retention_limit_seconds")).toBe(3 * 86_400);
    expect(await bench.metric("prometheus_tsdb_exemplar_max_exemplars")).toBe(0);
  });

  test("that nothing runs here are named in the log", async () => {
    const tsdb = "{ chunk_encoding: { floats: xor2 }, stale_series_compaction_threshold: 0.5 }";
    await bench.start({ config: `${config}storage: { tsdb: ${tsdb} }\n` });
    expect(bench.logLines.filter((line) => line.includes("nothing runs it here"))).toHaveLength(2);
  });

  test("exemplars are kept when they are asked for", async () => {
    await bench.start({ config, options: { storage: { ...storageFlagDefaults, hasExemplars: true } } });
    expect(await bench.metric("prometheus_tsdb_exemplar_max_exemplars")).toBe(100_000);
  });

  test("a limit on series folds those beyond it, and says so", async () => {
    bench.serve("app:1", () => Array.from({ length: 50 }, (_, index) => `level{place="${index}"} 1\n`).join(""));
    await bench.start({ config, options: { storage: { ...storageFlagDefaults, seriesCountMax: 30 } } });
    await bench.clock.advance(80_000);
    expect(await bench.query("sum(level)")).toEqual(["{} 50"]);
    expect(await bench.metric("tatou_tsdb_series_folded_total")).toBeGreaterThan(0);
    expect(await bench.events("storage.series_folded")).toHaveLength(1);
  });
});
