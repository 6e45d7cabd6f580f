import { labelsOf } from "@tatou/model";
import { describeAppendable, describeQueryable } from "@tatou/model/testing";
import { SampleStore } from "./sample-store.ts";

describeQueryable("SampleStore", (series) => {
  const store = new SampleStore();
  const appender = store.appender();
  for (const { labels, samples } of series) {
    const ref = appender.resolve(labelsOf(labels));
    for (const [timeMs, value] of samples) {
      if (value === "stale") appender.appendStale(ref, timeMs);
      else appender.append(ref, timeMs, value);
    }
  }
  appender.commit();
  return { queryable: store };
});

describeAppendable("SampleStore", () => {
  const store = new SampleStore();
  return { appendable: store, queryable: store };
});
