import { labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { queryAnswerText } from "./query-answer.ts";

test("a vector is written with Prometheus' own number and time texts", () => {
  const elements = [
    { labels: labelsOf({ __name__: "up", job: 'a"b' }), timeMs: 1_435_781_430_100, value: 1e-7 },
    { labels: labelsOf({}), timeMs: 2000, value: Number.NaN },
  ];
  expect(queryAnswerText({ value: { kind: "vector", elements }, warnings: [], infos: ["PromQL info: x"] })).toBe(
    '{"status":"success","data":{"resultType":"vector","result":[' +
      '{"metric":{"__name__":"up","job":"a\\"b"},"value":[1435781430.100,"1e-07"]},{"metric":{},"value":[2,"NaN"]}' +
      ']},"infos":["PromQL info: x"]}',
  );
});

test("what the query cost stands beside the result", () => {
  const timings = {
    ...{ evalTotalTime: 0.002, resultSortTime: 0, queryPreparationTime: 0 },
    ...{ innerEvalTime: 0.002, execQueueTime: 0, execTotalTime: 0.003 },
  };
  const stats = { timings, samples: { totalQueryableSamples: 3, peakSamples: 2 } };
  const answer = JSON.parse(
    queryAnswerText({ value: { kind: "vector", elements: [] }, warnings: [], infos: [] }, stats),
  ) as { data: unknown };
  expect(answer.data).toEqual({ resultType: "vector", result: [], stats });
});

test("a matrix, a scalar and a string have their shapes", () => {
  const series = [{ labels: labelsOf({ a: "b" }), timesMs: Float64Array.of(0, 500), values: Float64Array.of(1, -0) }];
  expect(queryAnswerText({ value: { kind: "matrix", series }, warnings: ["w"], infos: [] })).toBe(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[0,"1"],[0.500,"-0"]]}]},"warnings":["w"]}',
  );
  expect(queryAnswerText({ value: { kind: "scalar", timeMs: 1000, value: 2 }, warnings: [], infos: [] })).toContain(
    '"result":[1,"2"]',
  );
  expect(queryAnswerText({ value: { kind: "string", timeMs: 1000, value: "x\n" }, warnings: [], infos: [] })).toContain(
    '"result":[1,"x\\n"]',
  );
});
