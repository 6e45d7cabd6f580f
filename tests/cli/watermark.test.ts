import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository, TestProcess, tatouCommand } from "../lib/processes.ts";

const original = join(repository, "apps/server/testdata/pdfs/pdflatex-article.pdf");
const methodNames = ["toy-eof", "metadata-xmp", "object-stream", "invisible-text", "layered"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-watermark-"));
  copyFileSync(original, join(folder, "a.pdf"));
  writeFileSync(join(folder, "key"), "a long key\n");
  writeFileSync(join(folder, "secret"), "for Åsa <asa@example.org>\n");
  writeFileSync(join(folder, "broken.pdf"), "%PDF-1.7\nnothing of the kind");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function watermark(...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const process = new TestProcess(globalThis.process.execPath, [tatouCommand, "watermark", ...args], { cwd: folder });
  const code = await process.closed;
  return { code, output: process.output };
}

test("a secret is hidden and read, with key and secret from files", { timeout: 120_000 }, async () => {
  const { output: listed } = await watermark("methods", "--json");
  const { methods, count } = JSON.parse(listed) as { methods: { name: string; description: string }[]; count: number };
  expect([methods.map(({ name }) => name), count]).toEqual([methodNames, methodNames.length]);
  for (const method of ["toy-eof", "layered"]) {
    const keys = ["--method", method, "--key-file", "key"];
    const made = await watermark("embed", "a.pdf", "-o", `${method}.pdf`, "--secret-file", "secret", ...keys);
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining(`carries a mark of ${method}`) as string });
    const read = await watermark("extract", `${method}.pdf`, ...keys);
    expect(read).toEqual({ code: 0, output: "for Åsa <asa@example.org>\n" });
  }
  // Nothing is left of files under way.
  expect(readdirSync(folder).filter((name) => !/^(key|secret|[a-z-]+\.pdf)$/.test(name))).toEqual([]);
  expect(readFileSync(join(folder, "a.pdf"))).toEqual(readFileSync(original));
});

test("what was made and read is told as JSON too", async () => {
  const keys = ["--key", "k", "--json"];
  const made = await watermark("embed", "a.pdf", "-o", "json.pdf", "--secret", "s", ...keys);
  expect(JSON.parse(made.output)).toEqual({
    output: "json.pdf",
    method: "layered",
    sizeBytes: readFileSync(join(folder, "json.pdf")).length,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  const read = await watermark("extract", "json.pdf", ...keys);
  expect(JSON.parse(read.output)).toEqual({ secret: "s", method: "layered" });
});

test("a tree of pages and objects is printed as JSON", async () => {
  const { code, output } = await watermark("explore", "a.pdf");
  const tree = JSON.parse(output) as { type: string; children: { type: string }[] };
  expect([code, tree.type]).toEqual([0, "document"]);
  expect(tree.children.filter(({ type }) => type === "page")).toHaveLength(2);
});

test.each([
  { args: ["extract", "a.pdf", "--key", "k"], code: 3, says: /found no mark of layered/ },
  { args: ["extract", "marked.pdf", "--key", "other"], code: 4, says: /does not open with this key/ },
  { args: ["extract", "broken.pdf", "--key", "k"], code: 5, says: /cannot be parsed, expected a PDF document/ },
  { args: ["extract", "nothing.pdf", "--key", "k"], code: 5, says: /nothing\.pdf: no such file/ },
  { args: ["extract", ".", "--key", "k"], code: 5, says: /expected a file/ },
  { args: ["explore", "broken.pdf"], code: 5, says: /cannot be parsed/ },
  {
    args: ["embed", "a.pdf", "-o", "marked.pdf", "--key", "k", "--secret", "s"],
    code: 5,
    says: /a file there already/,
  },
  {
    args: ["embed", "a.pdf", "-o", "no/x.pdf", "--key", "k", "--secret", "s"],
    code: 5,
    says: /Cannot write "no\/x\.pdf"/,
  },
  { args: ["embed", "a.pdf", "--key", "k"], code: 2, says: /Cannot go on without a secret/ },
  { args: ["embed", "a.pdf", "--key", "", "--secret", "s"], code: 2, says: /found 0 bytes, expected 1 to 1024/ },
  { args: ["embed", "a.pdf", "--key", "k", "--secret", "ü".repeat(161)], code: 2, says: /expected 1 to 320 bytes/ },
  { args: ["embed", "a.pdf", "--key", "k", "--secret-file", "/dev/zero"], code: 2, says: /found more/ },
  { args: ["embed", "a.pdf", "--key", "k", "--key-file", "key", "--secret", "s"], code: 2, says: /from two places/ },
  { args: ["embed", "a.pdf", "--key-file", "-", "--secret-file", "-"], code: 2, says: /both secret and key/ },
  { args: ["embed", "a.pdf", "--key", "k", "--secret", "s", "--json"], code: 2, says: /Name a file with --output/ },
  { args: ["embed", "a.pdf", "--key-prompt", "--secret", "s"], code: 2, says: /found no terminal/ },
  { args: ["extract", "a.pdf", "--key", "k", "--method", "magic"], code: 2, says: /Allowed choices are toy-eof/ },
  { args: ["extract"], code: 2, says: /missing required argument 'file'/ },
  { args: ["remove"], code: 2, says: /unknown command 'remove'/ },
  { args: [], code: 2, says: /^Usage: tatou watermark/ },
  { args: ["--help"], code: 0, says: /^Usage: tatou watermark/ },
])("tatou watermark $args ends with $code", { timeout: 60_000 }, async ({ args, code, says }) => {
  if (args.includes("marked.pdf")) {
    await watermark("embed", "a.pdf", "-o", "marked.pdf", "--force", "--key", "k", "--secret", "s");
  }
  const ended = await watermark(...args);
  expect(ended).toEqual({ code, output: expect.stringMatching(says) as string });
  expect(ended.output).not.toMatch(/^ {4}at /m);
});

test.each(["methods", "explore", "embed", "extract"])(
  "tatou watermark %s --help fits into 80 columns",
  async (name) => {
    const { code, output } = await watermark(name, "--help");
    expect(code).toBe(0);
    expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
  },
);
