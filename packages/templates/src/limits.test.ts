import { expect, test } from "vitest";
import { executeTemplate } from "./execute/execute-template.ts";
import { notificationFunctions } from "./functions/alertmanager.ts";
import { parseTemplate } from "./template.ts";
import { goFunction, goList } from "./values/go-value.ts";

const functions = notificationFunctions(() => 0);
const manyItems = goList(
  "[]int",
  Array.from({ length: 2000 }, (_, index) => BigInt(index)),
);

async function run(text: string): Promise<string> {
  return await executeTemplate(parseTemplate(text, { functions }), manyItems, { functions });
}

test.each([
  { what: "text that doubles", text: '{{ $x := "ab" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}' },
  { what: "output that piles up", text: `{{ range 100000 }}${"x".repeat(1000)}{{ end }}` },
  { what: "loops in loops", text: "{{ range . }}{{ range $ }}{{ range $ }}{{ end }}{{ end }}{{ end }}" },
  { what: "a loop over a huge number", text: "{{ range 1000000000000000 }}{{ end }}" },
  { what: "lists that double", text: "{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}" },
  { what: "lists in lists", text: "{{ $x := list }}{{ range 50000 }}{{ $x = list $x }}{{ end }}{{ $x }}" },
  {
    what: "lists in lists as JSON",
    text: "{{ $x := list }}{{ range 50000 }}{{ $x = list $x }}{{ end }}{{ toJson $x }}",
  },
  { what: "growing lists", text: "{{ $x := list }}{{ range 100000 }}{{ $x = append $x . }}{{ end }}" },
  { what: "a wide field", text: '{{ range 100 }}{{ printf "%999999d" 1 }}{{ end }}' },
  {
    what: "a replacement that multiplies",
    text: `{{ $x := printf "%100000d" 1 }}{{ reReplaceAll "(.*)" "${"$1".repeat(1000)}" $x }}`,
  },
  {
    what: "patterns over long texts",
    text: '{{ $x := printf "%1000000d" 1 }}{{ range 100000 }}{{ match "(a|b)*c" $x }}{{ end }}',
  },
])("$what end in a limit", async ({ text }) => {
  await expect(run(text)).rejects.toMatchObject({ code: "template_limit" });
});

test("templates that call themselves end in an error with a place", async () => {
  const template = parseTemplate('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}', { name: "deep" });
  await expect(executeTemplate(template, null)).rejects.toThrow(
    'template: deep:1:28: executing "r" at <{{template "r" .}}>: exceeded maximum template depth (100)',
  );
});

test.each([
  { what: "parentheses", text: `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}` },
  { what: "blocks", text: "{{ if 1 }}".repeat(100_000) },
  { what: "else ifs", text: `{{ if 1 }}${"{{ else if 1 }}".repeat(100_000)}{{ end }}` },
])("$what nested too deeply are refused", ({ text }) => {
  expect(() => parseTemplate(text)).toThrow("max expression depth exceeded");
});

test("a hundred thousand comments are skipped", () => {
  expect(parseTemplate("{{/* c */}}".repeat(100_000)).definitions.get("")?.statements).toEqual([]);
});

test("an execution stops when its signal is aborted", async () => {
  const controller = new AbortController();
  const stop = goFunction([], () => {
    controller.abort(new Error("stopped"));
    return "";
  });
  const table = new Map([["stop", stop]]);
  const template = parseTemplate("{{ stop }}{{ range 1000 }}x{{ end }}", { functions: table });
  await expect(executeTemplate(template, null, { functions: table, signal: controller.signal })).rejects.toThrow(
    "stopped",
  );
});
