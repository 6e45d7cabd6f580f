import { labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { labelsText, openMetricsSeriesText } from "./series-text.ts";

test.each<{ labels: Readonly<Record<string, string>>; dump: string; openMetrics: string }>([
  {
    labels: { __name__: "temp", room: 'a "q" \\ \n x' },
    dump: '{__name__="temp", room="a \\"q\\" \\\\ \\n x"}',
    openMetrics: 'temp{room="a \\"q\\" \\\\ \\n x"}',
  },
  { labels: { __name__: "up" }, dump: '{__name__="up"}', openMetrics: "up{}" },
  {
    labels: { __name__: "a.b", "c.d": "\t" },
    dump: '{__name__="a.b", "c.d"="\\t"}',
    openMetrics: '{"a.b","c.d"="\t"}',
  },
])("$dump", ({ labels, dump, openMetrics }) => {
  expect(labelsText(labelsOf(labels))).toBe(dump);
  expect(openMetricsSeriesText(labelsOf(labels))).toBe(openMetrics);
});
