import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "@tatou/model";
import { expect, test } from "vitest";
import { DrillFileError } from "../errors.ts";
import { loadDrillFile, loadDrillFiles } from "./scenario-file.ts";

const head = "drill: D1\nname: some-drill\ntitle: something\n";
const steps = "steps:\n  - wait: 1s\n";
const expectation = "expect:\n  - alert: Something\n";

function problemsOf(text: string): readonly Diagnostic[] {
  try {
    loadDrillFile(text, "d.yml");
  } catch (error) {
    if (error instanceof DrillFileError) return error.diagnostics;
    throw error;
  }
  return [];
}

test("reads a whole drill", () => {
  const text = `drill: D7+D12
name: all-of-it
title: everything at once
technique: T1190
history: 1m
prepare:
  - request: { method: POST, path: /api/upload-document, as: victim, upload: { payload: plain, name: "\${n}.pdf" } }
    rate: 10
    times: 12
    answers: [201]
    keep: { document: id }
steps:
  - request:
      method: POST
      path: "/api/login?x=\${random:8}"
      headers: { x-forwarded-for: "\${source}" }
      json: { email: "a-\${run}@x", count: 3, list: [true, null, "3", 1.5], deep: { text: no } }
    every: 20s
    for: 31m
    sources: 12
  - wait: 1500ms
  - fault: server_restart
    times: 4
    every: 3m
  - parallel:
      - - fault: server_down
          for: 10s
      - - request: { method: GET, path: /, text: "\${token:mallory}" }
          rate: 0.5
          times: 3
          sources: each
expect:
  - alert: SomethingElse
    labels: { severity: high, client_ip: "\${source}" }
    within: 1m42s
    receiver: inbox
  - alert: Another
quiet: [Third]
settle: 5m
`;
  const at = (line: number, column: number) => ({ file: "d.yml", line, column });
  expect(loadDrillFile(text, "d.yml")).toEqual({
    id: "D7+D12",
    name: "all-of-it",
    title: "everything at once",
    kind: "attack",
    technique: "T1190",
    historyMs: 60_000,
    prepare: [
      {
        kind: "request",
        request: {
          method: "POST",
          path: "/api/upload-document",
          headers: {},
          body: { kind: "upload", payload: "plain", fileName: "${n}.pdf" },
          as: "victim",
        },
        ...{ perSecond: 10, times: 12, durationMs: null, sourceCount: 1, userCount: 1, answers: [201] },
        keep: { document: "id" },
        position: at(7, 5),
      },
    ],
    steps: [
      {
        kind: "request",
        request: {
          method: "POST",
          path: "/api/login?x=${random:8}",
          headers: { "x-forwarded-for": "${source}" },
          body: {
            kind: "json",
            value: { email: "a-${run}@x", count: 3, list: [true, null, "3", 1.5], deep: { text: "no" } },
          },
          as: null,
        },
        ...{
          perSecond: 0.05,
          times: null,
          durationMs: 1_860_000,
          sourceCount: 12,
          userCount: 1,
          answers: [],
          keep: {},
        },
        position: at(13, 5),
      },
      { kind: "wait", durationMs: 1500 },
      { kind: "fault", fault: "server_restart", durationMs: null, times: 4, everyMs: 180_000, position: at(22, 5) },
      {
        kind: "parallel",
        branches: [
          [{ kind: "fault", fault: "server_down", durationMs: 10_000, times: 1, everyMs: null, position: at(26, 11) }],
          [
            {
              kind: "request",
              request: {
                ...{ method: "GET", path: "/", headers: {}, as: null },
                body: { kind: "text", value: "${token:mallory}" },
              },
              ...{
                perSecond: 0.5,
                times: 3,
                durationMs: null,
                sourceCount: "each",
                userCount: 1,
                answers: [],
                keep: {},
              },
              position: at(28, 11),
            },
          ],
        ],
      },
    ],
    expect: [
      {
        alert: "SomethingElse",
        labels: { severity: "high", client_ip: "${source}" },
        ...{ withinMs: 102_000, receiver: "inbox" },
        position: at(33, 5),
      },
      { alert: "Another", labels: {}, withinMs: null, receiver: null, position: at(37, 5) },
    ],
    quiet: ["Third"],
    settleMs: 300_000,
    position: at(1, 1),
  });
});

test("fills in what is not said, for attacks and for benign days", () => {
  const attack = loadDrillFile(head + steps + expectation, "d.yml");
  expect(attack).toMatchObject({ kind: "attack", technique: null, historyMs: 30_000, quiet: [], settleMs: 0 });
  const benign = loadDrillFile(`${head}kind: benign\n${steps}quiet: all\n`, "d.yml");
  expect(benign).toMatchObject({ kind: "benign", expect: [], quiet: "all", settleMs: 120_000 });
});

const request = (line: string, rest = "times: 1"): string =>
  `${head}${expectation}steps:\n  - request: ${line}\n    ${rest}\n`;
const get = "{ method: GET, path: / }";

test.each([
  { text: "", line: 1, message: "found no drill", hint: undefined },
  { text: `${head}${steps}${expectation}quite: all\n`, line: 8, message: "field quite", hint: 'Did you mean "quiet"?' },
  { text: `drill: d1\n${head.slice(10)}${steps}${expectation}`, line: 1, message: 'found "d1", expected an id' },
  { text: `${head}technique: T11\n${steps}${expectation}`, line: 4, message: "a technique of ATT&CK" },
  { text: `${head}${steps}`, line: 1, message: "an attack without expect" },
  { text: `${head}${steps}expect: []\n`, line: 6, message: "found no alerts" },
  { text: `${head}steps: []\n${expectation}`, line: 4, message: "found no steps" },
  { text: `${head}${steps}kind: benign\n`, line: 1, message: "a benign day without quiet" },
  { text: `${head}${steps}kind: benign\nquiet: all\n${expectation}`, line: 9, message: "alerts of a benign day" },
  { text: `${head}${steps}${expectation}quiet: [Something]\n`, line: 7, message: "also under quiet" },
  { text: `${head}${expectation}steps:\n  - wait: 25h\n`, line: 7, message: "at most 24h" },
  { text: `${head}${expectation}steps:\n  - wait: fast\n`, line: 7, message: 'found "fast", expected a duration' },
  { text: `${head}${expectation}steps:\n  -\n`, line: 7, message: "expected one of request, wait" },
  { text: `${head}${expectation}steps:\n  - wait: 1s\n    act: x\n`, line: 8, message: "found wait and act" },
  { text: `${head}${expectation}steps:\n  - weit: 1s\n`, line: 7, message: "field weit", hint: 'Did you mean "wait"?' },
  { text: `${head}${expectation}steps:\n  - act: nonsense\n`, line: 7, message: "expected an act" },
  {
    text: `${head}${expectation}steps:\n  - fault: server_dwon\n`,
    line: 7,
    message: "expected a fault",
    hint: 'Did you mean "server_down"?',
  },
  {
    text: `${head}${expectation}steps:\n  - fault: server_down\n    times: 2\n`,
    line: 7,
    message: "times without every",
  },
  {
    text: `${head}${expectation}steps:\n  - fault: server_down\n    times: 2\n    for: 1m\n    every: 1m\n`,
    line: 10,
    message: "before it is mended",
  },
  { text: request(get, "rate: 501\n    times: 1"), line: 8, message: "at most 500" },
  { text: request(get, "rate: 1\n    every: 1s\n    times: 1"), line: 9, message: "found rate and every" },
  { text: request(get, "rate: 1"), line: 7, message: "neither times nor for" },
  { text: request(get, "times: 2"), line: 7, message: "neither rate nor every" },
  { text: request(get, "rate: 500\n    for: 1h"), line: 7, message: "found 1800000 requests, expected 200000" },
  { text: request(get, "rate: 500\n    times: 60001\n    sources: each"), line: 7, message: "expected 60000 at most" },
  { text: request(get, "times: 1\n    sources: 1001"), line: 9, message: "from 1 to 1000" },
  { text: request(get, "times: 1\n    sources: 1.5"), line: 9, message: "a whole number" },
  { text: request(get, "times: 1\n    users: 2"), line: 9, message: "users without as" },
  { text: request(get, "times: 1\n    users: 21"), line: 9, message: "from 1 to 20" },
  { text: request(get, "times: 1\n    answers: [99]"), line: 9, message: "from 100 to 599" },
  { text: request(get, "times: 1\n    keep: { Document: id }"), line: 9, message: "small letters" },
  { text: request("{ method: FETCH, path: / }"), line: 7, message: "expected one of GET" },
  { text: request("{ path: / }"), line: 7, message: "found no method" },
  { text: request("{ method: GET, path: //evil }"), line: 7, message: "another host" },
  { text: request("{ method: GET, path: '/\\evil' }"), line: 7, message: "clients would send" },
  { text: request("{ method: GET, path: 'http://evil' }"), line: 7, message: 'begin with "/"' },
  { text: request('{ method: GET, path: "/a\\r\\nb" }'), line: 7, message: "clients would send" },
  { text: request("{ method: GET, path: /a/../b }"), line: 7, message: "clients would send" },
  { text: request('{ method: GET, path: /, headers: { a: "b\\nc" } }'), line: 7, message: "visible ASCII" },
  { text: request("{ method: GET, path: /, headers: { Host: x } }"), line: 7, message: "lower-case" },
  {
    text: request('{ method: GET, path: "/${sorce}" }'),
    line: 7,
    message: 'the variable "sorce"',
    hint: 'Did you mean "source"?',
  },
  { text: request('{ method: GET, path: /, json: { a: ["${x"] } }'), line: 7, message: "it does not end" },
  { text: request("{ method: GET, path: /, json: {}, text: a }"), line: 7, message: "found json and text" },
  {
    text: request("{ method: GET, path: /, upload: { payload: plein, name: a } }"),
    line: 7,
    message: "expected a payload",
    hint: 'Did you mean "plain"?',
  },
  { text: request("{ method: GET, path: /, as: 'Mal Lory' }"), line: 7, message: "small letters" },
  {
    text: `${head}${steps}expect:\n  - alert: A\n    labels: { a: "\${n}" }\n`,
    line: 8,
    message: "the variable n, expected none but source",
  },
])("refuses with $message", ({ text, line, message, hint }) => {
  const told = {
    message: expect.stringContaining(message),
    position: expect.objectContaining({ file: "d.yml", line }),
  };
  expect(problemsOf(text)).toContainEqual(expect.objectContaining(hint === undefined ? told : { ...told, hint }));
});

test("tells all that is wrong at once, in the order of the file", () => {
  const problems = problemsOf(`${head}technique: x\n${steps}histery: 3s\n${expectation}    within: never\n`);
  expect(problems.map(({ position }) => position?.line)).toEqual([4, 7, 10]);
});

test("a file that is too large, too deep or no YAML is refused", () => {
  expect(problemsOf("#".repeat(70_000))[0]?.message).toContain("expected at most 65536");
  const nested = "[{parallel: [".repeat(20) + "]}]".repeat(20);
  expect(problemsOf(`${head}${expectation}steps: ${nested}\n`)[0]?.message).toContain("4 deep at most");
  expect(problemsOf(`${head}steps: [\n`)[0]?.message).toContain("Cannot read d.yml");
  const many = `${head}${expectation}steps:\n${"  - wait: 1s\n".repeat(101)}`;
  expect(problemsOf(many)[0]?.message).toContain("expected 100 at most");
});

test("no two files have the same id or name", () => {
  const text = head + steps + expectation;
  const other = text.replace("D1", "D2");
  const load = (): unknown =>
    loadDrillFiles([
      { path: "a.yml", text },
      { path: "b.yml", text: other },
    ]);
  expect(load).toThrow('Cannot load b.yml: found the drill "some-drill", which a.yml has already');
  const third = other.replace("some-drill", "other-drill");
  expect(
    loadDrillFiles([
      { path: "a.yml", text },
      { path: "b.yml", text: third },
    ]).map(({ id }) => id),
  ).toEqual(["D1", "D2"]);
});

test("all drills of the catalogue can be read, and no two share an id", () => {
  const directory = join(import.meta.dirname, "../../../../monitoring/drills");
  const paths = readdirSync(directory).filter((name) => name.endsWith(".yml"));
  const files = paths.map((path) => ({ path, text: readFileSync(join(directory, path), "utf8") }));
  expect(loadDrillFiles(files).length).toBeGreaterThan(16);
});
