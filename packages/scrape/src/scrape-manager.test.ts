import {
  type Appendable,
  type Appender,
  assert,
  compileAnchoredRegex,
  type EventLog,
  MemoryStore,
  type NewEvent,
  type RelabelRule,
  silentLog,
} from "@tatou/model";
import { afterEach, expect, test } from "vitest";
import type { ScrapeOutcome } from "./loop/scrape-loop.ts";
import type { ScrapeManagerOptions } from "./scrape-manager.ts";
import { hangs, plainText, refuses, ScrapeBench } from "./testing/scrape-bench.ts";
import { scrapeConfig } from "./testing/scrape-config.ts";

const benches: ScrapeBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.manager.close();
});

function openBench(options: Partial<ScrapeManagerOptions> = {}, store?: MemoryStore): ScrapeBench {
  const bench = new ScrapeBench(options, store);
  benches.push(bench);
  return bench;
}

const target = { instance: "app:80", job: "app" };

test("stores what a target exposes, with the target's labels, and reports on the scrape", async () => {
  const bench = openBench();
  bench.answer('# TYPE m counter\n# HELP m Help.\nm{a="b"} 1\nm{a="c"} 2.5\n');
  bench.apply({});
  await bench.scrapes(3);
  expect(await bench.values("m")).toEqual([
    { labels: { a: "b", ...target }, values: [1, 1, 1] },
    { labels: { a: "c", ...target }, values: [2.5, 2.5, 2.5] },
  ]);
  expect(await bench.values("up")).toEqual([{ labels: target, values: [1, 1, 1] }]);
  expect(await bench.values("scrape_samples_scraped")).toEqual([{ labels: target, values: [2, 2, 2] }]);
  expect(await bench.values("scrape_samples_post_metric_relabeling")).toEqual([{ labels: target, values: [2, 2, 2] }]);
  expect(await bench.values("scrape_series_added")).toEqual([{ labels: target, values: [2, 0, 0] }]);
  expect(await bench.values("scrape_duration_seconds")).toHaveLength(1);
  expect(await bench.values("scrape_sample_limit")).toEqual([]);
  expect(bench.manager.metadata()).toMatchObject([{ metric: "m", type: "counter", help: "Help.", unit: "" }]);
});

test("scrapes at even steps, at the same point of every interval", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(4);
  const times = (await bench.series("up")).flatMap(({ samples }) => samples.map(([timeMs]) => timeMs));
  expect(times).toHaveLength(4);
  expect(new Set(times.map((timeMs) => timeMs % 10_000)).size).toBe(1);
  expect(times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0))).toEqual([10_000, 10_000, 10_000]);
});

test("spreads targets over the interval", async () => {
  const bench = openBench();
  const targets = Array.from({ length: 40 }, (_, index) => `app-${index}:80`);
  for (const address of targets) bench.answer("m 1\n", address);
  bench.apply({ targets });
  await bench.clock.advance(9_999);
  const offsets = (await bench.series("up")).flatMap(({ samples }) => samples.map(([timeMs]) => timeMs % 10_000));
  expect(offsets).toHaveLength(40);
  for (const quarter of [0, 1, 2, 3])
    expect(offsets.filter((offset) => Math.floor(offset / 2500) === quarter).length).toBeGreaterThan(2);
});

test("waits for many targets without a warning of Node about its listeners", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const bench = openBench();
  const targets = Array.from({ length: 40 }, (_, index) => `app-${index}:80`);
  for (const address of targets) bench.answer("m 1\n", address);
  bench.apply({ targets });
  await bench.clock.advance(1);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  expect(warnings).toEqual([]);
});

test("asks for the formats of the configuration, and says how long it waits", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({ params: { module: ["a b"] }, scrapeTimeoutMs: 5000, enableCompression: false });
  await bench.scrapes(1);
  expect(bench.requests[0]).toMatchObject({
    method: "GET",
    url: "http://app:80/metrics?module=a+b",
    timeoutMs: 5000,
    headers: {
      accept:
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      "accept-encoding": "identity",
      "x-prometheus-scrape-timeout-seconds": "5",
    },
  });
});

test("marks the end of a series that a scrape does not have, and takes it up again", async () => {
  const bench = openBench();
  bench.apply({});
  for (const body of ["a 1\nb 1\n", "a 2\n", "b 3\na 3\n"]) {
    bench.answer(body);
    await bench.scrapes(1);
  }
  expect(await bench.values("a")).toMatchObject([{ values: [1, 2, 3] }]);
  expect(await bench.values("b")).toMatchObject([{ values: [1, "stale", 3] }]);
  expect(await bench.values("scrape_series_added")).toMatchObject([{ values: [2, 0, 1] }]);
});

test.each([
  { what: "that gives its samples times of its own goes without markers", track: false, values: [1] },
  { what: "whose times are tracked gets markers", track: true, values: [1, "stale"] },
])("a target $what", async ({ track, values }) => {
  const bench = openBench();
  bench.answer(`a 1 ${bench.clock.nowMs()}\n`);
  bench.apply({ trackTimestampsStaleness: track });
  await bench.scrapes(1);
  bench.answer("b 1\n");
  await bench.scrapes(1);
  expect(await bench.values("a")).toMatchObject([{ values }]);
});

test.each([
  { honorTimestamps: true, timeMs: 1_795_348_700_000 },
  { honorTimestamps: false, timeMs: undefined },
])("own times count only when honoured: $honorTimestamps", async ({ honorTimestamps, timeMs }) => {
  const bench = openBench();
  bench.answer("a 1 1795348700000\n");
  bench.apply({ honorTimestamps });
  await bench.scrapes(1);
  const [upTime] = (await bench.series("up")).flatMap(({ samples }) => samples.map(([at]) => at));
  expect((await bench.series("a"))[0]?.samples[0]?.[0]).toBe(timeMs ?? upTime);
});

test.each<{ what: string; answer: Parameters<ScrapeBench["answer"]>[0]; lastError: string }>([
  {
    what: "nobody listens",
    answer: refuses,
    lastError: 'Get "http://app:80/metrics": dial tcp app:80: connect: connection refused',
  },
  { what: "it does not answer", answer: hangs, lastError: 'Get "http://app:80/metrics": context deadline exceeded' },
  {
    what: "it answers with an error",
    answer: { ...plainText("m 1\n"), status: 503 },
    lastError: "server returned HTTP status 503 Service Unavailable",
  },
  {
    what: "a line is malformed",
    answer: "m 2\nn{x=1} 3\n",
    lastError: 'Cannot parse metrics at line 2, column 5: found "1} 3", expected a label value in double quotes',
  },
  {
    what: "it answers with HTML",
    answer: plainText("<html>", "text/html"),
    lastError: 'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
  },
  {
    what: "it does not say what it answers with",
    answer: plainText("m 1\n", ""),
    lastError:
      "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target",
  },
])("when $what, the scrape fails alone and all series end", async ({ answer, lastError }) => {
  const bench = openBench();
  bench.answer("m 1\nk 1\n");
  bench.apply({ scrapeTimeoutMs: 500 });
  await bench.scrapes(1);
  bench.answer(answer);
  await bench.scrapes(1);
  expect(bench.manager.activeTargets()).toMatchObject([{ health: "down", lastError }]);
  bench.answer("m 3\nk 3\n");
  await bench.scrapes(1);
  expect(bench.manager.activeTargets()).toMatchObject([{ health: "up", lastError: "" }]);
  expect(await bench.values("up")).toMatchObject([{ values: [1, 0, 1] }]);
  expect(await bench.values("m")).toMatchObject([{ values: [1, "stale", 3] }]);
  expect(await bench.values("k")).toMatchObject([{ values: [1, "stale", 3] }]);
  expect(await bench.values("n")).toEqual([]);
});

const rename: RelabelRule = {
  action: "replace",
  sourceLabels: ["code"],
  separator: ";",
  regex: compileAnchoredRegex("(.).."),
  targetLabel: "class",
  replacement: "${1}xx",
};
const dropDebug: RelabelRule = {
  action: "drop",
  sourceLabels: ["__name__"],
  separator: ";",
  regex: compileAnchoredRegex("debug_.*"),
};

test("relabels and drops series before they are stored", async () => {
  const bench = openBench();
  bench.answer('m{code="404"} 1\ndebug_x 1\n');
  bench.apply({ metricRelabelConfigs: [rename, dropDebug] });
  await bench.scrapes(2);
  expect(await bench.values("m")).toEqual([{ labels: { class: "4xx", code: "404", ...target }, values: [1, 1] }]);
  expect(await bench.values("debug_x")).toEqual([]);
  expect(await bench.values("scrape_samples_scraped")).toMatchObject([{ values: [2, 2] }]);
  expect(await bench.values("scrape_samples_post_metric_relabeling")).toMatchObject([{ values: [1, 1] }]);
});

test.each<{ honorLabels: boolean; labels: Record<string, string> }>([
  {
    honorLabels: false,
    labels: { exported_exported_job: "own", exported_job: "other", exported_instance: "x", ...target },
  },
  { honorLabels: true, labels: { job: "own", exported_job: "other", instance: "x" } },
])("labels that clash with the target's are kept apart: honor_labels $honorLabels", async ({ honorLabels, labels }) => {
  const bench = openBench();
  bench.answer('m{job="own",exported_job="other",instance="x"} 1\n');
  bench.apply({ honorLabels });
  await bench.scrapes(1);
  expect(await bench.values("m")).toEqual([{ labels, values: [1] }]);
});

test.each([
  { limits: { sampleLimit: 2 }, lastError: "sample limit exceeded", scraped: 3 },
  { limits: { bodySizeLimitBytes: 10 }, lastError: "body size limit exceeded", scraped: 0 },
  {
    limits: { labelLimit: 3 },
    lastError: "label_limit exceeded (metric: m, number of labels: 4, limit: 3)",
    scraped: 1,
  },
  {
    limits: { labelNameLengthLimit: 4 },
    lastError: "label_name_length_limit exceeded (metric: m, label name: __name__, length: 8, limit: 4)",
    scraped: 1,
  },
  {
    limits: { labelValueLengthLimit: 5 },
    lastError:
      'label_value_length_limit exceeded (metric: m, label name: instance, value: "app:80", length: 6, limit: 5)',
    scraped: 1,
  },
  { limits: { targetLimit: 1 }, lastError: "target_limit exceeded (number of targets: 2, limit: 1)", scraped: 0 },
])("a scrape over a limit fails: $lastError", async ({ limits, lastError, scraped }) => {
  const bench = openBench();
  bench.answer('m{a="1"} 1\nm{a="2"} 1\nm{a="3"} 1\n');
  const targets = limits.targetLimit === undefined ? ["app:80"] : ["app:80", "other:80"];
  bench.apply({ ...limits, targets });
  await bench.scrapes(1);
  expect(bench.manager.activeTargets()[0]).toMatchObject({ health: "down", lastError });
  expect(await bench.values("m")).toEqual([]);
  expect((await bench.values("up"))[0]).toMatchObject({ values: [0] });
  expect((await bench.values("scrape_samples_scraped"))[0]).toMatchObject({ values: [scraped] });
});

test("reports its limits when asked for extra metrics", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({ extraScrapeMetrics: true, sampleLimit: 7 });
  await bench.scrapes(1);
  expect(await bench.values("scrape_timeout_seconds")).toMatchObject([{ values: [10] }]);
  expect(await bench.values("scrape_sample_limit")).toMatchObject([{ values: [7] }]);
  expect(await bench.values("scrape_body_size_bytes")).toMatchObject([{ values: [4] }]);
});

test("a series twice in one body counts once", async () => {
  const outcomes: ScrapeOutcome[] = [];
  const bench = openBench({ onScrape: (outcome) => outcomes.push(outcome) });
  bench.answer("m 1\nm 2\n");
  bench.apply({});
  await bench.scrapes(2);
  expect(await bench.values("m")).toMatchObject([{ values: [1, 1] }]);
  expect(outcomes.map(({ tally }) => tally.duplicate)).toEqual([1, 1]);
});

test("samples from too far ahead are refused", async () => {
  const outcomes: ScrapeOutcome[] = [];
  const bench = openBench({ onScrape: (outcome) => outcomes.push(outcome) });
  bench.answer(`m 1 ${bench.clock.nowMs() + 11 * 60_000}\n`);
  bench.apply({});
  await bench.scrapes(1);
  expect(outcomes).toMatchObject([{ tally: { outOfBounds: 1 }, error: undefined }]);
  expect(await bench.values("m")).toEqual([]);
});

test("a full storage costs new series, not the target", async () => {
  const outcomes: ScrapeOutcome[] = [];
  const bench = openBench({ onScrape: (outcome) => outcomes.push(outcome) }, new MemoryStore({ seriesCountMax: 6 }));
  bench.apply({});
  bench.answer("a 1\n");
  await bench.scrapes(1);
  bench.answer("a 1\nb 1\nc 1\n");
  await bench.scrapes(1);
  expect(outcomes[1]).toMatchObject({ state: { health: "up" }, tally: { scraped: 3, seriesRefused: 2 } });
  expect(await bench.values("up")).toMatchObject([{ values: [1, 1] }]);
});

test.each([{ byMs: 3_600_000 }, { byMs: -3_600_000 }])(
  "a clock that is set by $byMs ms ends no loop",
  async ({ byMs }) => {
    const bench = openBench();
    bench.answer("m 1\n");
    bench.apply({});
    await bench.scrapes(3);
    bench.clock.step(byMs);
    await bench.scrapes(3);
    bench.clock.step(-byMs);
    await bench.scrapes(3);
    expect(bench.requests.length).toBeGreaterThanOrEqual(7);
    expect(bench.requests.length).toBeLessThanOrEqual(11);
  },
);

test("a defect in one scrape is said, and the loop goes on", async () => {
  const said: string[] = [];
  const log = { ...silentLog, error: (message: string) => said.push(message) };
  let count = 0;
  const bench = openBench({
    log,
    onScrape: () => {
      count++;
      if (count === 2) throw new TypeError("no such thing");
    },
  });
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(4);
  expect(bench.requests).toHaveLength(4);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("http://app:80/metrics");
  expect(said[0]).toContain("no such thing");
});

test("a defect of the storage counts as a failed scrape", async () => {
  const store = new MemoryStore();
  const refusing = { appender: () => ({ ...bindAll(store.appender()), append: () => assert(false, "it holds") }) };
  const said: string[] = [];
  const log = { ...silentLog, error: (message: string) => said.push(message) };
  const bench = openBench({ appendable: refusing as unknown as Appendable, log });
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(2);
  expect(bench.requests).toHaveLength(2);
  expect(said.join()).toContain("it holds");
});

test("discovery that nothing runs is named at every load", () => {
  const said: string[] = [];
  const bench = openBench({ log: { ...silentLog, warn: (message: string) => said.push(message) } });
  const position = { file: "prometheus.yml", line: 1, column: 1 };
  const discovery = {
    ...scrapeConfig({}).discovery,
    fileSdConfigs: [{ files: ["a.json"], refreshIntervalMs: 1 }],
    httpSdConfigs: [{ url: "http://sd", refreshIntervalMs: 1, httpClient: scrapeConfig({}).httpClient }],
    dnsSdConfigs: [{ names: ["a"], type: "SRV" as const, port: 0, refreshIntervalMs: 1 }],
    unsupportedDiscovery: [{ kind: "consul_sd_configs", position }],
  };
  bench.apply({ discovery });
  bench.apply({ discovery });
  const once = ["file_sd_configs", "http_sd_configs", "dns_sd_configs", "consul_sd_configs"].map(
    (kind) => `job app: ${kind} is not supported, its targets are left out`,
  );
  expect(said).toEqual([...once, ...once]);
});

test("a huge body leaves others their turn, and is one batch all the same", async () => {
  const store = new MemoryStore();
  let turn = 0;
  const turnsOfSamples = new Set<number>();
  let batchCount = 0;
  const appender = (): Appender => {
    const batch = bindAll(store.appender());
    batchCount++;
    const append: Appender["append"] = (...sample) => {
      turnsOfSamples.add(turn);
      return batch.append(...sample);
    };
    const appendRow: Appender["appendRow"] = (row) => {
      turnsOfSamples.add(turn);
      return batch.appendRow(row);
    };
    return { ...batch, append, appendRow };
  };
  const bench = openBench({ appendable: { appender } }, store);
  bench.answer(Array.from({ length: 17_000 }, (_, index) => `m{i="${index}"} 1\n`).join(""));
  bench.apply({});
  const counting = setInterval(() => turn++, 0);
  // The first is read line by line, the second at one go.
  for (const expectedCount of [1, 2]) {
    turnsOfSamples.clear();
    await bench.scrapes(1);
    expect(turnsOfSamples.size).toBeGreaterThan(1);
    expect(batchCount).toBe(expectedCount);
    const values = (await bench.values("m")).map((series) => series.values.length);
    expect(values).toEqual(Array<number>(17_000).fill(expectedCount));
  }
  clearInterval(counting);
});

test("what a failing target brings is forgotten", async () => {
  const outcomes: ScrapeOutcome[] = [];
  const bench = openBench({ onScrape: (outcome) => outcomes.push(outcome) });
  bench.apply({});
  for (let count = 0; count < 5; count++) {
    bench.answer(`m{n="${count}"} 1\nbroken\n`);
    await bench.scrapes(1);
  }
  expect(outcomes.map(({ cachedSeriesCount }) => cachedSeriesCount)).toEqual([0, 0, 0, 0, 0]);
});

test("a job that is removed from the configuration ends its series, late and with the time of the next scrape", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(2);
  const lastMs = (await bench.series("m"))[0]?.samples.at(-1)?.[0] ?? 0;
  bench.apply();
  expect(bench.manager.activeTargets()).toEqual([]);
  await bench.clock.advanceTo(lastMs + 20_999);
  expect(await bench.values("m")).toMatchObject([{ values: [1, 1] }]);
  await bench.clock.advanceTo(lastMs + 21_000);
  expect((await bench.series("m"))[0]?.samples.at(-1)).toEqual([lastMs + 10_000, "stale"]);
  expect((await bench.series("up"))[0]?.samples.at(-1)).toEqual([lastMs + 10_000, "stale"]);
});

test("a job that changes goes on without a gap in its series", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(2);
  bench.apply({ metricRelabelConfigs: [dropDebug] });
  await bench.scrapes(6);
  expect(await bench.values("m")).toMatchObject([{ values: [1, 1, 1, 1, 1, 1, 1, 1] }]);
});

test("a job that does not change goes on undisturbed", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({}, { jobName: "other", targets: ["nobody:80"] });
  await bench.scrapes(1);
  bench.apply({ position: { file: "prometheus.yml", line: 9, column: 1 } });
  expect(bench.manager.activeTargets()).toMatchObject([{ scrapePool: "app", health: "up" }]);
  await bench.scrapes(1);
  expect(await bench.values("scrape_series_added")).toContainEqual({ labels: target, values: [1, 0] });
});

test("the end of the process is no end of any series", async () => {
  const bench = openBench();
  bench.answer("m 1\n");
  bench.apply({});
  await bench.scrapes(1);
  await bench.manager.close();
  await bench.scrapes(5);
  expect(await bench.values("m")).toMatchObject([{ values: [1] }]);
  expect(await bench.values("up")).toMatchObject([{ values: [1] }]);
});

test("tells the event log when targets come, change their health and go", async () => {
  const events: NewEvent[] = [];
  const eventLog = { append: (event: NewEvent) => events.push(event) } as unknown as EventLog;
  const bench = openBench({ eventLog });
  bench.apply({});
  await bench.scrapes(2);
  bench.answer("m 1\n");
  await bench.scrapes(2);
  bench.apply();
  expect(events.map(({ kind, data }) => [kind, data["health"]])).toEqual([
    ["target.added", undefined],
    ["target.state", "down"],
    ["target.state", "up"],
    ["target.removed", undefined],
  ]);
  expect(events[1]?.data).toMatchObject({
    job: "app",
    url: "http://app:80/metrics",
    labels: target,
    before: "unknown",
  });
});

test("shows loopback targets under the program's own host", async () => {
  const bench = openBench({ externalUrl: "http://tatou.example:9090" });
  bench.apply({ targets: ["localhost:5000", "server:5000"] });
  expect(bench.manager.activeTargets().map(({ globalUrl }) => globalUrl)).toEqual([
    "http://tatou.example:5000/metrics",
    "http://server:5000/metrics",
  ]);
});

function bindAll(appender: Appender): Appender {
  return {
    resolve: (labels) => appender.resolve(labels),
    isLive: (ref) => appender.isLive(ref),
    append: (ref, timestampMs, value) => appender.append(ref, timestampMs, value),
    appendStale: (ref, timestampMs) => appender.appendStale(ref, timestampMs),
    appendRow: (row) => appender.appendRow(row),
    appendHistogram: (ref, timestampMs, histogram) => appender.appendHistogram(ref, timestampMs, histogram),
    noteStartTime: (ref, timestampMs, startTimeMs) => appender.noteStartTime(ref, timestampMs, startTimeMs),
    appendExemplar: (ref, exemplar) => appender.appendExemplar(ref, exemplar),
    setMetadata: (ref, metadata) => appender.setMetadata(ref, metadata),
    commit: () => appender.commit(),
    rollback: () => appender.rollback(),
  };
}
