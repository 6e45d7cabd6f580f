import { expect, test } from "vitest";
import { drillHtml } from "./drill-html.ts";
import { drillJunit } from "./drill-junit.ts";
import { exitCodeOf } from "./drill-run.ts";
import { everyVerdict, reportOf } from "./testing/reports.ts";

const now = new Date("2026-02-03T04:05:06Z");
const hostile = reportOf({ drill: "D9", title: `<script>alert("1")</script>`, name: "a&b" });

test("JUnit XML: what could not run is an error, any other verdict a failure with its stages", () => {
  const xml = drillJunit([...everyVerdict, reportOf({ clock: "real" })], now);
  expect(xml).toContain('<testsuite name="tatou drill, virtual time" tests="8" failures="5" errors="1" skipped="0"');
  expect(xml).toContain('<testsuite name="tatou drill, real time" tests="1" failures="0" errors="0"');
  expect(xml).toContain('timestamp="2026-02-03T04:05:06"');
  expect(xml).toContain('<testcase name="B6 nobody-there" classname="benign" time="134"/>');
  expect(xml).toContain('<error type="cannot_run" message="CANNOT RUN nobody answers">');
  expect(xml).toMatch(
    /<failure type="miss" message="MISS \(scraped\) [^"]*">HighAuthFailureRate\n +0\.0 s request: seen &lt;0&gt;/,
  );
});

test("the page needs nothing else and runs nothing", () => {
  const html = drillHtml([...everyVerdict, hostile], now);
  expect(html).not.toMatch(/<script|<link|src=|url\(|@import/);
  expect(html).toContain("&#60;script&#62;");
  expect(html).toContain("default-src 'none'");
  expect(html).toContain("prefers-color-scheme: dark");
});

test("what did not pass stands first, and a bar shows stages and budget", () => {
  const html = drillHtml([reportOf(), everyVerdict[1]!], now);
  expect(html.indexOf("MISS (scraped)")).toBeLessThan(html.indexOf(">PASS<"));
  // The budget is the end of the scale: 135 s of 137.7 s.
  expect(html).toContain('<b style="left:98.039%" title="budget 135.0 s"></b>');
  expect(html).toContain('<i class="s5" style="left:28.322%;width:43.573%" title="firing 99.0 s"></i>');
});

test.each([
  { verdicts: [6, 7], code: 0 },
  { verdicts: [6, 0], code: 2 },
  { verdicts: [0, 5], code: 1 },
  { verdicts: [4], code: 1 },
])("verdicts $verdicts end with $code", ({ verdicts, code }) => {
  expect(exitCodeOf(verdicts.map((index) => everyVerdict[index]!))).toBe(code);
});
