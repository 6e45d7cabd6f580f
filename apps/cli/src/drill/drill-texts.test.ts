import { expect, test } from "vitest";
import { predictionText, verdictText } from "./drill-texts.ts";
import { drillLine, summaryText } from "./summary-text.ts";
import { everyVerdict, outcomeOf, reportOf, wholeTimes } from "./testing/reports.ts";

test("every verdict in words", () => {
  expect(everyVerdict.map((report) => verdictText(report).trim())).toEqual([
    "CANNOT RUN nobody answers",
    "MISS (scraped) HighAuthFailureRate: the engine has no series of auth_failures_total",
    "UNROUTED HighAuthFailureRate: no route takes it",
    "UNDELIVERED HighAuthFailureRate: no message at http://inbox",
    "LATE HighAuthFailureRate: somebody was told after 160.0 s, expected within 135.0 s",
    'NOISE HighErrorRate fired after 33.0 s (job="x" value 1.5)',
    "PASS somebody was told 104.0 s of 135.0 s after the first request (2081 requests)",
    "PASS nothing fired in 2m14s (1 request)",
  ]);
});

test("a pass that nothing limits says so", () => {
  const report = reportOf({ outcomes: [outcomeOf("Slow", wholeTimes, null)] });
  expect(verdictText(report)).toContain(
    "somebody was told 104.0 s (no budget) after the first request (2081 requests)",
  );
  expect(drillLine(report)).toContain("told after 104.0 s (no budget)  Slow");
});

test("a drill in one line; of several alerts, the time of the one nearest to its budget", () => {
  const slow = outcomeOf("Slow", [null, null, 0, 0, 0, 0, 0, 900_000], 2_000_000);
  const near = outcomeOf("Near", wholeTimes, 110_000);
  const report = reportOf({ drill: "D22", outcomes: [slow, near, near] });
  expect(drillLine(report)).toBe(
    "  ✓ D22      brute-force                PASS        told after 104.0 s of 110.0 s  Slow, Near\n",
  );
  expect(drillLine(everyVerdict[2]!)).toContain(
    "✗ D1       brute-force                UNROUTED    HighAuthFailureRate",
  );
});

test("a prediction names the alerts where there are several, and says what does not apply", () => {
  const text = predictionText(
    reportOf({ outcomes: [outcomeOf("A", [null, 1000], 5000), outcomeOf("B", [null], null)] }),
    1500,
  );
  expect(text.split("\n")).toEqual([
    "  Predicted (in virtual time, computed in 1.5 s)",
    "   A",
    "    request                   –  seen <0>",
    "    counter moved         1.0 s  seen <1>",
    "   B",
    "    request                   –  seen <0>",
    "",
  ]);
});

test("the summary shows the slowest against their budgets, and counts what did not pass", () => {
  const text = summaryText(
    [...everyVerdict, reportOf({ drill: "D3", outcomes: [outcomeOf("Near", wholeTimes, 105_000)] })],
    2500,
  );
  const [first] = text.split("\n").filter((line) => line.includes("█"));
  expect(first).toBe(`  D3       Near                ${"█".repeat(30)} 104.0 s of 105.0 s`);
  expect(text).toContain(
    "3 of 9 drills passed: 1 CANNOT RUN, 1 MISS (scraped), 1 UNROUTED, 1 UNDELIVERED, 1 LATE, 1 NOISE (took 2.5 s)",
  );
});
