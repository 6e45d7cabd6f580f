import { MemoryStore } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { runScript, type ScriptReport } from "./run-script.ts";
import { parseSequence, parseSeriesLine } from "./series-notation.ts";

function run(script: string): Promise<ScriptReport> {
  return runScript(script, { openStore: () => new MemoryStore() });
}

test("a right script passes, in all the ways a query can be asked", async () => {
  const report = await run(`
# A comment
load 1m
  http_requests_total{job="api"} 0+60x10
  up{job="api"} 1 1 stale _ 1

eval instant at 10m rate(http_requests_total[5m])
  {job="api"} 1

eval range from 0 to 4m step 1m up
  up{job="api"} 1 1 _ _ 1

eval instant at 1m sort_desc({job="api"})
  expect ordered
  http_requests_total{job="api"} 60
  up{job="api"} 1

eval instant at 0 1 + 1
  2

eval instant at 1m "a"
  expect string "a"

eval instant at 2m http_requests_total[2m]
  expect range vector from 1m to 2m step 1m
  http_requests_total{job="api"} 60 120

eval instant at 5m rate(up[5m])
  expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:6)
  expect no_warn
  {job="api"} 0

eval_fail instant at 0 ceil({__name__=~".+"})

clear

eval instant at 0 up
`);
  expect(report).toEqual({ passedCount: 9, failures: [], unsupported: [] });
});

test.each([
  { wrong: "{} 2", problem: "expected 2 for {}, got 1" },
  { wrong: "expect fail\n  {} 1", problem: "expected a failure, got an answer" },
  { wrong: "", problem: "unexpected series {}" },
  { wrong: '{} 1\n  {a="b"} 1', problem: 'missing series {a="b"}' },
  { wrong: "expect warn\n  {} 1", problem: "expected other warn annotations than: none" },
])("an answer unlike $wrong is a failure with its line", async ({ wrong, problem }) => {
  const report = await run(`eval instant at 0 vector(1)\n  ${wrong}\n`);
  expect(report.failures).toEqual([{ line: 1, query: "vector(1)", problem }]);
});

test("what needs native histograms or start timestamps is counted by name", async () => {
  const report = await run(
    `
load_with_nhcb 1m
  h_bucket{le="+Inf"} 1
  n {{schema:0 count:1}}x2
  @st -1m
  c_total 1

eval instant at 0 n
eval instant at 0 h
eval instant at 0 c_total
eval instant at 0 histogram_count(h_bucket)
eval instant at 0 count(h_bucket)
  {} 1
`.replaceAll("\neval", "\n\neval"),
  );
  expect(report.unsupported.map(({ problem }) => problem)).toEqual([
    "native histograms",
    "native histograms",
    "start timestamps",
    "native histograms",
  ]);
  expect(report.failures).toEqual([]);
  expect(report.passedCount).toBe(0 + 1);
});

test.each([
  { script: "store 1m", error: 'line 1: Cannot parse command: found "store 1m", expected load, clear or eval' },
  { script: "\nload 1m\n  up x", error: 'line 2: Cannot parse series values: found "x", expected a number' },
  { script: "eval instant 5 up", error: "line 1: Cannot parse eval" },
])("a script like $script is refused with its line", async ({ script, error }) => {
  await expect(run(script)).rejects.toThrow(error);
});

describe("series notation", () => {
  test("expands repetitions and steps", () => {
    const numbers = (text: string): unknown[] =>
      parseSequence(text).map((item) => (item.kind === "number" ? item.value : item.kind));
    expect(numbers("1 -2+3x2 4-1.5x1 5x2 _ _x2 stale NaN -Inf 1e-3")).toEqual([
      ...[1, -2, 1, 4, 4, 2.5, 5, 5, 5, "gap", "gap", "gap", "stale", Number.NaN, Number.NEGATIVE_INFINITY, 0.001],
    ]);
  });

  test("reads names outside the old charset", () => {
    expect(parseSeriesLine(`{"my metric", "a b"="}"} 1`).labels).toEqual([
      { name: "__name__", value: "my metric" },
      { name: "a b", value: "}" },
    ]);
  });

  test.each(["1+1", "x", "1x1000001", "1 2y"])("refuses %s", (text) => {
    expect(() => parseSequence(text)).toThrow("Cannot");
  });
});
