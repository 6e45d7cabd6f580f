/** A directory after our compactions, beside the original tools; and blocks that they put into a directory of ours. */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dumpLines } from "./block/testing/dump-text.ts";
import { PeerPrometheus, peerMissing } from "./testing/peer-prometheus.ts";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";

const missing = peerMissing();
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** So that the blocks are whole. */
const t = Math.floor((Date.now() - 27 * hourMs) / (18 * hourMs)) * 18 * hourMs;
const everything = { matchers: [makeMatcher("__name__", "=~", ".+")], minTimeMs: 0, maxTimeMs: 2 * t };

describe.skipIf(missing !== null)(`beside a real Prometheus${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let path: string;
  let clock: VirtualClock;
  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, "data");
    clock = new VirtualClock(t);
  });
  afterEach(() => directory.remove());

  /** A minute between scrapes; now and then a late sample, and a stretch that is deleted. */
  async function run(tsdb: Tsdb, hours: number, { isLate }: { isLate: boolean }): Promise<void> {
    for (let minute = 0; minute < hours * 60; minute++) {
      const appender = tsdb.appender();
      for (let index = 0; index < 20; index++) {
        const ref = appender.resolve(labelsOf({ __name__: "m", index: String(index), text: "é" }));
        appender.append(ref, clock.nowMs(), index % 2 === 0 ? minute * index : Math.sin(minute + index));
        if (isLate && minute % 97 === 96 && index === 3) appender.append(ref, clock.nowMs() - 30 * minuteMs - 1, -1);
      }
      appender.commit();
      await clock.advance(minuteMs);
    }
    const matchers = [makeMatcher("index", "=", "7")];
    await tsdb.deleteSamples({ matchers, minTimeMs: t + hourMs, maxTimeMs: t + 5 * hourMs });
  }

  test.each([
    { what: "regular samples", isLate: false },
    { what: "samples that come late", isLate: true },
  ])(
    "the tools and the server read what we compacted: $what",
    async ({ isLate }) => {
      const tsdb = await openTsdb(path, { clock, outOfOrderWindowMs: hourMs });
      await run(tsdb, 11, { isLate });
      expect(tsdb.stats()).toMatchObject({ compactionFailures: 0, maintenanceFailures: 0 });
      const own = await readAll(tsdb, everything);
      await tsdb.close();
      const blocks = readdirSync(path).filter((name) => name.length === 26);
      expect(blocks.length).toBeGreaterThan(1);
      const listed = promtool("list", path);
      for (const ulid of blocks) expect(listed).toContain(ulid);
      const analyzed = blocks.map((ulid) => promtool("analyze", path, ulid));
      // The rest are samples that came late, and are in no range with others yet.
      expect(analyzed.filter((text) => text.includes("Series: 20\n")).length).toBeGreaterThan(1);
      const copy = `${path}-copy`;
      cpSync(path, copy, { recursive: true });
      // Where late samples have a block of their own, promtool takes the log to be older than it is.
      const dumped = isLate ? null : promtool("dump", copy).trimEnd().split("\n").sort();
      expect(dumped).toEqual(isLate ? null : own.flatMap(dumpLines).sort());

      const peer = await PeerPrometheus.start(directory.path, copy, false);
      try {
        const served = await peer.samples('{__name__=~".+"}[30h]', clock.nowMs());
        expect([...served.values()].flat()).toHaveLength(own.flatMap(({ samples }) => samples).length);
        expect(peer.complaints.filter((line) => !line.includes("Overlapping blocks"))).toEqual([]);
      } finally {
        await peer.stop();
      }
    },
    60_000,
  );

  test("blocks that promtool puts there are served", async () => {
    const tsdb = await openTsdb(path, { clock });
    const input = join(directory.path, "input.om");
    const lines = [0, 1, 2, 3].map((hour) => `old{hour="${hour}"} ${hour} ${t / 1000 - 100 * 3600 + hour * 3600}`);
    writeFileSync(input, `# TYPE old gauge\n${lines.join("\n")}\n# EOF\n`);
    promtool("create-blocks-from", "openmetrics", input, path);
    await clock.advance(minuteMs);
    const found = await readAll(tsdb, everything);
    expect(found.map(({ labels, samples }) => [labels["hour"], samples[0]![1]])).toEqual([
      ["0", 0],
      ["1", 1],
      ["2", 2],
      ["3", 3],
    ]);
    await tsdb.close();
  });
});

function promtool(...args: readonly string[]): string {
  return execFileSync("promtool", ["tsdb", ...args], { encoding: "utf8", maxBuffer: 2 ** 28, stdio: "pipe" });
}
