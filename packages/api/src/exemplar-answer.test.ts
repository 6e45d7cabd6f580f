import { labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { exemplarAnswerText } from "./exemplar-answer.ts";

test("times are seconds and values texts, as Prometheus writes them", () => {
  const exemplars = [
    { labels: labelsOf({ trace_id: 'a"b' }), value: 6, timestampMs: 1_600_096_945_479 },
    { labels: [], value: Number.POSITIVE_INFINITY, timestampMs: 1_600_096_945_000 },
  ];
  const text = exemplarAnswerText([{ seriesLabels: labelsOf({ __name__: "m", job: "x" }), exemplars }]);
  expect(text).toBe(
    '{"status":"success","data":[{"seriesLabels":{"__name__":"m","job":"x"},"exemplars":[' +
      '{"labels":{"trace_id":"a\\"b"},"value":"6","timestamp":1600096945.479},' +
      '{"labels":{},"value":"+Inf","timestamp":1600096945}]}]}',
  );
  expect(exemplarAnswerText([])).toBe('{"status":"success","data":[]}');
});
