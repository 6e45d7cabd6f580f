import { type Appender, type Exemplar, MemoryStore, type SeriesMetadata, type SeriesRef } from "@tatou/model";
import { afterEach, expect, test } from "vitest";
import type { ScrapeManagerOptions } from "../scrape-manager.ts";
import { plainText, ScrapeBench } from "../testing/scrape-bench.ts";

const benches: ScrapeBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.manager.close();
});

/** A store that notes what comes besides samples, in the order in which it comes. */
function openBench(features: ScrapeManagerOptions["features"]): { bench: ScrapeBench; noted: unknown[] } {
  const noted: unknown[] = [];
  const store = new MemoryStore();
  const names = new Map<SeriesRef, string>();
  const appender = (): Appender => {
    const batch = store.appender();
    return {
      ...batch,
      resolve: (labels) => {
        const ref = batch.resolve(labels);
        const own = labels.filter(({ name }) => name !== "instance" && name !== "job");
        names.set(ref, own.map(({ name, value }) => (name === "__name__" ? value : `${name}=${value}`)).join(" "));
        return ref;
      },
      noteStartTime: (ref, timestampMs, startTimeMs) => {
        noted.push([names.get(ref), "began", startTimeMs]);
        return batch.noteStartTime(ref, timestampMs, startTimeMs);
      },
      appendExemplar: (ref, exemplar: Exemplar) => noted.push([names.get(ref), exemplar]),
      setMetadata: (ref, metadata: SeriesMetadata) => noted.push([names.get(ref), metadata]),
    };
  };
  const bench = new ScrapeBench({ appendable: { appender }, features: features ?? {} }, store);
  benches.push(bench);
  return { bench, noted };
}

const openMetrics = (text: string) => plainText(`${text}# EOF\n`, "application/openmetrics-text; version=1.0.0");

const withStartTimes = openMetrics(
  "# TYPE c counter\nc_total 5\nc_created 1000.5\nc_total{a='b'} 5\n".replaceAll("'", '"') +
    '# TYPE h histogram\nh_bucket{x="y",le="+Inf"} 1\nh_count{x="y"} 1\nh_sum{x="y"} 1\nh_created{x="y"} 2000\n' +
    '# TYPE s summary\ns{quantile="0.5"} 1\ns_count 1\ns_created 3000\n' +
    "# TYPE g gauge\ng 1\ng_created 4000\n",
);

test("hands over when counters began, and does not store the series that say so", async () => {
  const { bench, noted } = openBench({ startTimes: true });
  bench.answer(withStartTimes);
  bench.apply({});
  await bench.scrapes(2);
  const once = [
    ["c_total", "began", 1_000_500],
    ["h_bucket le=+Inf x=y", "began", 2_000_000],
    ["h_count x=y", "began", 2_000_000],
    ["h_sum x=y", "began", 2_000_000],
    ["s quantile=0.5", "began", 3_000_000],
    ["s_count", "began", 3_000_000],
  ];
  // The parts of a metric are in the order of the body, with each body.
  expect(noted).toEqual([...once, ...once]);
  expect(await bench.values("c_created")).toEqual([]);
  // Of a gauge nobody says such a thing: that is a series.
  expect(await bench.values("g_created")).toHaveLength(1);
  expect(await bench.values("scrape_samples_scraped")).toMatchObject([{ values: [9, 9] }]);
});

test("stores them as series unless told otherwise", async () => {
  const { bench, noted } = openBench({});
  bench.answer(withStartTimes);
  bench.apply({});
  await bench.scrapes(1);
  expect(noted).toEqual([]);
  expect(await bench.values("c_created")).toMatchObject([{ values: [1000.5] }]);
});

test("hands over exemplars, with the sample's time where they have none", async () => {
  const { bench, noted } = openBench({ exemplars: true });
  const body = 'c_total 5 # {id="1"} 0.5 1.5\nd_total 6 # {id="2"} 0.7\ne_total 7\n';
  bench.answer(openMetrics(`# TYPE c counter\n# TYPE d counter\n# TYPE e counter\n${body}`.replace(/(?=d_total)/, "")));
  bench.apply({});
  await bench.scrapes(1);
  const [series] = await bench.series("d_total");
  expect(noted).toEqual([
    ["c_total", { labels: [{ name: "id", value: "1" }], value: 0.5, timestampMs: 1500 }],
    ["d_total", { labels: [{ name: "id", value: "2" }], value: 0.7, timestampMs: series?.samples[0]?.[0] }],
  ]);
});

test("hands over metadata of new series, and of all that it has changed for", async () => {
  const { bench, noted } = openBench({ metadata: true });
  const described = (help: string, series: string): string => `# HELP c ${help}\n# TYPE c histogram\n${series}`;
  const helpIs = (help: string): SeriesMetadata => ({ type: "histogram", unit: "", help });
  const steps = [
    { body: described("one", 'c_bucket{le="1"} 1\nx 1\n'), expected: [["c_bucket le=1", helpIs("one")]] },
    { body: described("one", 'c_bucket{le="1"} 2\nx 1\n'), expected: [] },
    { body: described("one", 'c_bucket{le="1"} 2\nc_sum 1\n'), expected: [["c_sum", helpIs("one")]] },
    {
      body: described("two", 'c_bucket{le="1"} 2\nc_sum 1\n'),
      expected: [
        ["c_bucket le=1", helpIs("two")],
        ["c_sum", helpIs("two")],
      ],
    },
    { body: described("two", 'c_bucket{le="1"} 2\nc_sum 1\ny 1\n'), expected: [] },
  ];
  for (const [index, { body, expected }] of steps.entries()) {
    bench.answer(body);
    if (index === 0) bench.apply({});
    await bench.scrapes(1);
    expect(noted.splice(0)).toEqual(expected);
  }
});
