import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tsdbCommand } from "./tsdb.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tatou-tsdb-"))));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | string;
}

async function tsdb(...args: readonly string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);
  process.exitCode = undefined;
  await tsdbCommand().parseAsync([...args], { from: "user" });
  vi.restoreAllMocks();
  return { out: out.join(""), err: err.join(""), code: process.exitCode ?? 0 };
}

const baseSeconds = 1_767_600_000;

/** Four hours of ten counters, and a gauge with every kind of number. */
function openMetrics(): string {
  const lines = ["# HELP requests Requests.", "# TYPE requests counter"];
  for (let series = 0; series < 10; series++) {
    const labels = `path="/p${series % 4}",code="${200 + series}"`;
    for (let at = 0; at < (series === 3 ? 120 : 240); at++)
      lines.push(`requests_total{${labels}} ${at * series * 7} ${baseSeconds + at * 60}`);
  }
  lines.push("# TYPE level gauge");
  const values = ["NaN", "+Inf", "-Inf", "-0", "0.1", "1e-7", "123456", "1234567", "1e21", "12345678.5"];
  values.forEach((value, at) => lines.push(`level{room="a \\"q\\" \\\\ \\n x"} ${value} ${baseSeconds + at}.${at}25`));
  return `${lines.join("\n")}\n# EOF\n`;
}

function writeInput(text = openMetrics()): string {
  const path = join(folder, "in.txt");
  writeFileSync(path, text);
  return path;
}

const directory = (): string => join(folder, "data");

test("an import is listed, analyzed, dumped, verified and needs no repair", async () => {
  const made = await tsdb("create-blocks-from", "openmetrics", writeInput(), directory());
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(made.out).toMatch(/^BLOCK ULID .*\n.* 1h59m0\.001s .* 1210 .* 11 .*\n.* 1h59m0\.001s .* 1080 .* 9 .*\n$/);
  expect((await tsdb("list", directory())).out).toBe(made.out);
  const list = JSON.parse((await tsdb("list", "--json", directory())).out) as { blocks: { numSamples: number }[] };
  expect(list.blocks.map(({ numSamples }) => numSamples)).toEqual([1210, 1080]);
  const analysis = await tsdb("analyze", "--extended", directory());
  expect(analysis.out).toContain("Total Series: 9\n");
  expect(analysis.out).toContain("samples per float chunk (min/avg/max): 120/120/120\n");
  const matched = await tsdb("analyze", "--match", '{code=~"20[12]"}', "--limit=1", "--json", directory());
  expect(JSON.parse(matched.out)).toMatchObject({
    seriesCount: 9,
    selector: '{code=~"20[12]"}',
    analysis: { matchedSeriesCount: 2, seriesByLabelPair: [{ name: "__name__=requests_total", count: 2 }] },
  });
  expect(await tsdb("verify", directory())).toMatchObject({ code: 0, out: expect.stringContaining("Read 2 blocks") });
  expect(await tsdb("repair", directory())).toMatchObject({ code: 0, out: "Nothing to mend\n" });
});

test("a dump is an import again", async () => {
  await tsdb("create-blocks-from", "openmetrics", writeInput(), directory());
  const dump = (await tsdb("dump-openmetrics", directory())).out;
  expect(dump).toMatch(/^level\{room="a \\"q\\" \\\\ \\n x"\} NaN 1767600000\.025\n[^]*# EOF\n$/);
  const again = join(folder, "again");
  await tsdb("create-blocks-from", "openmetrics", "-q", "--label=site=x", writeInput(dump), again);
  const samples = (await tsdb("dump", "--match={site='x',code='201'}", `--max-time=${baseSeconds}000`, again)).out;
  expect(samples).toBe(`{__name__="requests_total", code="201", path="/p1", site="x"} 0 ${baseSeconds}000\n`);
  const series = (await tsdb("dump", "--format=seriesjson", "--match=level", directory())).out;
  expect(JSON.parse(series)).toEqual({ __name__: "level", room: 'a "q" \\ \n x' });
});

test("samples in any order, and repeated ones", async () => {
  const text = "a 1 10\na 2 5\na 3 5\n# EOF\n";
  const made = await tsdb("create-blocks-from", "openmetrics", "--json", writeInput(text), directory());
  expect(made.err).toBe("Left out 1 sample that another one of the same series and time follows\n");
  expect(JSON.parse(made.out)).toMatchObject({ blocks: [{ minTime: 5000, maxTime: 10_001, numSamples: 2 }] });
  expect((await tsdb("dump", directory())).out).toBe('{__name__="a"} 3 5000\n{__name__="a"} 1 10000\n');
});

test("flags may stand in front of the kind of import, as in promtool", async () => {
  const input = writeInput("a 1 1767600000\n# EOF\n");
  expect((await tsdb("create-blocks-from", "-q", "openmetrics", input, directory())).out).toBe("");
  const { out } = await tsdb("create-blocks-from", "-r", "openmetrics", input, directory());
  expect(out).toContain("2026-01-05 08:00:00 +0000 UTC  2026-01-05 08:00:00 +0000 UTC  1ms");
});

test.each([
  { args: ["list", "/nowhere"], says: /^Cannot read directory \/nowhere: no such file or directory\n$/ },
  { args: ["analyze", "DIR", "01ABC"], says: /^Cannot analyze .*: found no block "01ABC", expected one\n/ },
  { args: ["dump", "/nowhere"], says: /no such file or directory/ },
  { args: ["create-blocks-from", "openmetrics", "/nowhere"], says: /^Cannot open \/nowhere: no such file/ },
  {
    args: ["create-blocks-from", "rules", "--start=5", "--end=4", "/nowhere"],
    says: /^start time is not before end time/,
  },
  { args: ["create-blocks-from", "rules", "--start=5", "--end=6", "/nowhere"], says: /^Cannot open \/nowhere/ },
])("$args.0 of something that is not there says so, and ends with 1", async ({ args, says }) => {
  mkdirSync(directory());
  const { out, err, code } = await tsdb(...args.map((arg) => (arg === "DIR" ? directory() : arg)));
  expect([out, code]).toEqual(["", 1]);
  expect(err).toMatch(says);
});

test("damage ends with 1, and repair saves what is sound", async () => {
  await tsdb("create-blocks-from", "openmetrics", "-q", writeInput(), directory());
  const [ulid] = readdirSync(directory()).sort();
  const chunks = join(directory(), ulid!, "chunks/000001");
  const bytes = readFileSync(chunks);
  bytes[200]! ^= 1;
  writeFileSync(chunks, bytes);
  const verified = await tsdb("verify", directory());
  expect(verified).toMatchObject({ code: 1, out: expect.stringContaining(`${ulid}/chunks/000001, byte `) });
  expect((await tsdb("repair", "--dry-run", directory())).out).toContain("1 repair to be made; nothing was changed");
  expect((await tsdb("repair", directory())).out).toMatch(
    /set aside as .*\.corrupt; 1 series with \d+ samples are lost/,
  );
  expect((await tsdb("verify", "--json", directory())).code).toBe(0);
});

describe("recording rules", () => {
  let server: Server;
  let url: string;
  const asked: URLSearchParams[] = [];
  const authorizations = new Set<string | undefined>();
  beforeEach(async () => {
    asked.length = 0;
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += String(part)));
      request.on("end", () => {
        const form = new URLSearchParams(body);
        authorizations.add(request.headers.authorization);
        asked.push(form);
        const values = [[Number(form.get("start")), "3"]];
        const result = [{ metric: { __name__: "up", job: "app" }, values }];
        response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  test("become one block for each stretch of time", async () => {
    const file = join(folder, "rules.yml");
    writeFileSync(
      file,
      "groups: [{ name: a, rules: [{ record: up:copy, expr: up, labels: { kind: r } }, { record: up:other, expr: up }] }]\n",
    );
    const httpFile = join(folder, "http.yml");
    writeFileSync(httpFile, "authorization: { credentials: token }\n");
    const start = `--start=${baseSeconds}`;
    const end = "--end=2026-01-05T10:30:00Z";
    const where = [`--url=${url}`, `--http.config.file=${httpFile}`, `--output-dir=${directory()}`];
    const made = await tsdb("create-blocks-from", "rules", start, end, ...where, file);
    expect([...authorizations]).toEqual(["Bearer token"]);
    expect(made).toMatchObject({ code: 0, err: "" });
    expect(made.out.split("\n")).toHaveLength(4);
    expect(asked.map((form) => [form.get("query"), form.get("step")])).toEqual([
      ...Array.from({ length: 4 }, () => ["up", "60"]),
    ]);
    const { out } = await tsdb("dump", "--match=up:copy", directory());
    expect(out).toMatch(/^(\{__name__="up:copy", job="app", kind="r"\} 3 \d+\n){2}$/);
  });
});

const missing = hasPromtool() ? null : "promtool is not on PATH";
describe.skipIf(missing !== null)(`beside promtool${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  const promtool = (...args: readonly string[]): string =>
    execFileSync("promtool", ["tsdb", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

  test.each(["ours", "promtool's"])("%s blocks: list, analyze and dump print the same", async (whose) => {
    const input = writeInput();
    if (whose === "ours") await tsdb("create-blocks-from", "openmetrics", input, directory());
    else promtool("create-blocks-from", "openmetrics", input, directory());
    // It does not dump without one.
    mkdirSync(join(directory(), "wal"), { recursive: true });
    expect((await tsdb("list", directory())).out).toBe(promtool("list", directory()));
    expect((await tsdb("list", "-r", directory())).out).toBe(promtool("list", "-r", directory()));
    expect((await tsdb("dump", directory())).out).toBe(promtool("dump", directory()));
    // It names equals in any order.
    const lines = (text: string): readonly string[] =>
      text
        .replace(/^Series:/m, "Total Series:")
        .split("\n")
        .sort();
    const all = "--limit=1000";
    expect(lines((await tsdb("analyze", all, directory())).out)).toEqual(lines(promtool("analyze", all, directory())));
  });
});

function hasPromtool(): boolean {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
