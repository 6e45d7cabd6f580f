import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@tatou/http";
import { afterEach, expect, test } from "vitest";
import { addCheckRoutes } from "./check-route.ts";
import { openEngineDoor } from "./engine-door.ts";

const directory = mkdtempSync(join(tmpdir(), "tatou-check-route-"));
const file = join(directory, "check.json");

afterEach(() => rmSync(file, { force: true }));

async function ask(url: string, reportFile: string | null = file): Promise<{ status: number; body: string }> {
  const log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const app = openEngineDoor({ log, onAnswer: () => {}, readiness: () => "ready", clock: createSystemClock() });
  addCheckRoutes(app, { reportFile });
  const { statusCode, body } = await app.inject({ url, headers: { host: "localhost" } });
  await app.close();
  return { status: statusCode, body };
}

test.each([
  { what: "nowhere", text: null },
  { what: "no JSON", text: "{" },
  { what: "another JSON", text: '{"findings":3,"alerts":[]}' },
  { what: "no object", text: "null" },
  { what: "of other findings", text: '{"findings":[null],"alerts":[]}' },
])("a report that is $what is none", async ({ text }) => {
  if (text !== null) writeFileSync(file, text);
  const { status, body } = await ask("/api/tatou/v1/check");
  expect({ status, code: (JSON.parse(body) as { code: string }).code }).toEqual({ status: 404, code: "no_report" });
});

test("without a file there is an explanation", async () => {
  expect((await ask("/api/tatou/v1/check", null)).status).toBe(404);
});

test("a report is read when somebody asks, and nothing in it becomes HTML", async () => {
  const finding = { severity: "error", file: "<b>", line: 1, message: "<script>", hint: "&" };
  const report = {
    checkedAt: "",
    path: ".",
    alerts: [],
    findings: [finding, { ...finding, severity: "info", message: "x" }],
  };
  writeFileSync(file, JSON.stringify(report));
  const { status, body } = await ask("/api/tatou/v1/check");
  expect({ status, report: JSON.parse(body) as unknown }).toEqual({ status: 200, report });
  const page = await ask("/check");
  expect(page.body).toContain("&#60;script&#62;");
  expect(page.body).not.toContain("<script>. ");
});
