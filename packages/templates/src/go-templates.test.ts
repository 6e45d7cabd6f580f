import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { executeTemplate } from "./execute/execute-template.ts";
import { parseTemplate } from "./template.ts";
import {
  type GoList,
  type GoMap,
  type GoValue,
  goAnyMap,
  goDuration,
  goFunction,
  goList,
  goStringMap,
  goStruct,
  goTime,
} from "./values/go-value.ts";

/** Printed by Go 1.26's text/template over the data below. */
interface GoldenCase {
  readonly text: string;
  readonly output?: string;
  readonly error?: string;
}

const goldens = JSON.parse(
  readFileSync(new URL("../testdata/go-templates.json", import.meta.url), "utf8"),
) as GoldenCase[];

function labelSet(entries: Readonly<Record<string, string>>): GoMap {
  const remove = goFunction(["[]string"], ([keys]) => {
    const removed = (keys as GoList).items;
    return labelSet(Object.fromEntries(Object.entries(entries).filter(([key]) => !removed.includes(key))));
  });
  return goStringMap(Object.entries(entries), { typeName: "main.KV", methods: new Map([["Remove", remove]]) });
}

function alerts(items: readonly GoValue[]): GoList {
  const named = goFunction(["string"], ([name]) =>
    goList(
      "[]main.Alert",
      items.filter((item) => (item as ReturnType<typeof goStruct>).fields.get("Name") === name),
    ),
  );
  return goList("main.Alerts", items, new Map([["Named", named]]));
}

const data = goStruct("main.Data", {
  Labels: goStringMap([
    ["instance", "web:80"],
    ["job", "api"],
    ["été", "x"],
  ]),
  Value: 1234.5678,
  Count: 3n,
  Items: goList("[]string", ["a", "b", "c"]),
  Numbers: goList("[]float64", [1, 2.5, 1e9]),
  Empty: goList("[]string", []),
  Any: goAnyMap([
    ["a", goAnyMap([["b", "deep"]])],
    ["n", 1.5],
    ["nil", null],
  ]),
  Alerts: alerts([
    goStruct("main.Alert", { Name: "One", Labels: labelSet({ x: "1", y: "2" }) }),
    goStruct("main.Alert", { Name: "Two", Labels: labelSet({}) }),
  ]),
  At: goTime(1136239445123),
  Took: goDuration(3_723_500),
  Nothing: null,
  Greet: goFunction(["string"], ([name]) => `hi ${name as string}`),
  Flag: true,
  Text: "<a href=\"x\">'é' & co</a>\n",
});

const functions = new Map([
  ["toUpper", goFunction(["string"], ([text]) => (text as string).toUpperCase())],
  [
    "join",
    goFunction(
      ["string", "[]string"],
      ([by, list]) => ((list as GoList | null)?.items as string[] | undefined)?.join(by as string) ?? "",
    ),
  ],
  ["half", goFunction(["float64"], ([value]) => (value as number) / 2)],
  ["twice", goFunction(["int"], ([value]) => (value as bigint) * 2n)],
  [
    "fail",
    goFunction([], () => {
      throw new Error("it broke");
    }),
  ],
  ["list", goFunction(["...any"], (items) => goList("[]interface {}", items))],
]);

async function run(text: string): Promise<GoldenCase> {
  try {
    const template = parseTemplate(text, { name: "t", functions });
    return { text, output: await executeTemplate(template, data, { functions }) };
  } catch (error) {
    return { text, error: (error as Error).message };
  }
}

describe("templates give what Go gives", () => {
  test.each(goldens)("$text", async (golden) => {
    expect(await run(golden.text)).toEqual(golden);
  });
});
