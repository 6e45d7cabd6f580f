// Appends to the store in the directory given, batch after batch, and prints the time of each batch once it is
// acknowledged. Never ends by itself for 30 seconds: the test kills it.
import { writeSync } from "node:fs";
import { labelsOf, SystemClock } from "@tatou/model";
import { Tsdb } from "@tatou/tsdb";

const clock = new SystemClock({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: setTimeout,
  clearTimer: clearTimeout,
});
const tsdb = await Tsdb.open({ directory: process.argv[2], clock, segmentSizeMaxBytes: 1024 * 1024 });
const startMs = Date.now();
for (let batch = 0; Date.now() - startMs < 30_000; batch++) {
  const appender = tsdb.appender();
  for (let series = 0; series < 200; series++) {
    const labels = labelsOf({ __name__: "m", series: String(series), generation: String(batch >> 6) });
    appender.append(appender.resolve(labels), startMs + batch, batch + series / 7);
  }
  appender.commit();
  writeSync(1, `${startMs + batch}\n`);
}
