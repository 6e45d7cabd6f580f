import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { formatFloatJson } from "@tatou/kernels";
import { type Appendable, labelsOf, makeMatcher, type Queryable, VirtualClock } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import { PeerPrometheus, peerMissing, seriesText } from "./testing/peer-prometheus.ts";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";

const missing = peerMissing();
const hourMs = 3_600_000;

describe.skipIf(missing !== null)(`beside a real Prometheus${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  test("it reads what we wrote: segments, checkpoint, every kind of value", async () => {
    const ownPath = join(directory.path, "own");
    const clock = new VirtualClock(Date.now() - 3 * hourMs);
    const retentionMs = 2 * hourMs;
    const store = await HeadStore.open({ directory: ownPath, clock, retentionMs, segmentSizeMaxBytes: 64 * 1024 });
    for (let minute = 0; minute < 180; minute++) {
      scrape(store, clock.nowMs(), minute);
      await clock.advance(60_000);
      if (minute % 5 === 0) store.truncateBefore(clock.nowMs() - retentionMs);
    }
    expect(readdirSync(join(ownPath, "wal")).some((name) => name.startsWith("checkpoint."))).toBe(true);
    expect(store.stats().walSegmentLast - store.stats().walSegmentFirst).toBeGreaterThan(1);
    const own = await samplesOf(store, clock.nowMs());
    await store.close();

    const peer = await PeerPrometheus.start(directory.path, copyOf(ownPath), false);
    try {
      expect(await peer.samples('{__name__=~".+"}[1h]', clock.nowMs())).toEqual(own);
      expect(own.size).toBe(404);
      expect(peer.complaints).toEqual([]);
    } finally {
      await peer.stop();
    }
  }, 60_000);

  test("we read what it wrote, and it reads on after us", async () => {
    const peerPath = join(directory.path, "peer");
    const scraping = await PeerPrometheus.start(directory.path, peerPath, true);
    // It takes five seconds to find its targets.
    await setTimeout(8000);
    await scraping.stop();
    const nowMs = Date.now();

    const reading = await PeerPrometheus.start(directory.path, copyOf(peerPath), false);
    const expected = await reading.samples('{__name__=~".+"}[1h]', nowMs);
    await reading.stop();

    const tsdb = await openTsdb(peerPath, { clock: new VirtualClock(nowMs) });
    const own = await samplesOf(tsdb, nowMs);
    expect(own).toEqual(expected);
    expect(own.size).toBeGreaterThan(300);
    scrape(tsdb, nowMs + 1000, 1);
    const ownAfter = await samplesOf(tsdb, nowMs + 2000);
    await tsdb.close();

    const again = await PeerPrometheus.start(directory.path, peerPath, false);
    try {
      expect(await again.samples('{__name__=~".+"}[1h]', nowMs + 2000)).toEqual(ownAfter);
      expect(again.complaints).toEqual([]);
    } finally {
      await again.stop();
    }
  }, 60_000);
});

/** 400 series of counters and decimals, and four odd ones. */
function scrape(store: Appendable, timeMs: number, minute: number): void {
  const appender = store.appender();
  const at = Math.floor(timeMs);
  for (let index = 0; index < 400; index++) {
    const ref = appender.resolve(labelsOf({ __name__: "requests_total", job: "api", path: `/ü/${index}`, zone: "a" }));
    appender.append(ref, at + (index % 3), index % 2 === 0 ? minute * index : minute / (index + 1));
  }
  const special = (name: string): ReturnType<typeof appender.resolve> => appender.resolve(labelsOf({ __name__: name }));
  appender.append(special("not_a_number"), at, Number.NaN);
  appender.append(special("infinite"), at, minute % 2 === 0 ? Infinity : -Infinity);
  appender.append(special("minus_zero"), at, -0);
  if (minute % 7 === 0) appender.appendStale(special("stale_now_and_then"), at);
  else appender.append(special("stale_now_and_then"), at, minute);
  appender.commit();
}

/** As PeerPrometheus.samples answers for a range of an hour. */
async function samplesOf(store: Queryable, timeMs: number): Promise<Map<string, string[]>> {
  const series = await readAll(store, {
    matchers: [makeMatcher("__name__", "=~", ".+")],
    minTimeMs: timeMs - hourMs,
    maxTimeMs: timeMs,
  });
  return new Map(
    series.map(({ labels, samples }) => [
      seriesText(Object.entries(labels)),
      samples.flatMap(([timestampMs, value]) =>
        value === "stale" ? [] : [`${timestampMs} ${formatFloatJson(value)}`],
      ),
    ]),
  );
}

function copyOf(path: string): string {
  const copyPath = `${path}-copy`;
  cpSync(path, copyPath, { recursive: true });
  return copyPath;
}
