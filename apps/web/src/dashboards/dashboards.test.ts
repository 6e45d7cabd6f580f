import { parseDashboard } from "@tatou/dashboard-model";
import { describe, expect, test } from "vitest";
import { findDataSource } from "./api/data-source-lookup.ts";
import { groupByFolder } from "./home/group-by-folder.ts";
import { previewImport } from "./import/import-inputs.ts";
import { toggled } from "./panels/legend-toggle.ts";
import { sparklinePath } from "./panels/sparkline-path.ts";
import { tileLayout } from "./panels/tile-layout.ts";
import { timelineRows } from "./panels/timeline-rows.ts";
import { localAddress } from "./session/local-address.ts";
import { passwordComplaint } from "./session/password-complaint.ts";
import { parseMarkdown, parseSpans } from "./text/markdown.ts";
import { safeLink } from "./text/safe-link.ts";
import { readAddress, zoomedOut } from "./view/dashboard-address.ts";
import { nextChoice } from "./view/next-choice.ts";

const dashboard = parseDashboard('{"title":"t","panels":[],"refresh":"10s","time":{"from":"now-1h","to":"now"}}');

describe("the address of a dashboard", () => {
  test("what it leaves out is as saved", () => {
    expect(readAddress(new URLSearchParams(""), dashboard)).toEqual({
      timeRange: { from: "now-1h", to: "now" },
      refresh: "10s",
      asked: new Map(),
      viewPanel: null,
    });
  });

  test("range, refresh and variables are read from it", () => {
    const search = new URLSearchParams("from=1&to=2&refresh=off&var-job=a&var-job=b&viewPanel=4");
    expect(readAddress(search, dashboard)).toEqual({
      timeRange: { from: "1", to: "2" },
      refresh: "",
      asked: new Map([["job", ["a", "b"]]]),
      viewPanel: "4",
    });
  });

  test("zooming out keeps the middle and does not reach beyond now", () => {
    expect(zoomedOut({ minTimeMs: 1000, maxTimeMs: 2000 }, 9000)).toEqual({ from: "500", to: "2500" });
    expect(zoomedOut({ minTimeMs: 1000, maxTimeMs: 2000 }, 2000)).toEqual({ from: "500", to: "2000" });
  });
});

describe("data sources", () => {
  const prometheus = { uid: "p", name: "Prometheus", type: "prometheus", url: "", isDefault: true };
  const loki = { uid: "l", name: "Loki", type: "loki", url: "", isDefault: false };
  test.each([
    { name: "p", found: "p" },
    { name: "Prometheus", found: "p" },
    { name: "", found: "p" },
    { name: "${DS_PROMETHEUS}", found: "p" },
    { name: "gone", found: "missing" },
    { name: "l", found: "missing" },
  ])("$name is $found", ({ name, found }) => {
    const lookup = findDataSource(name, [prometheus, loki]);
    expect(lookup.kind === "found" ? lookup.dataSource.uid : lookup.kind).toBe(found);
  });
});

test("folders come by name, General last", () => {
  const hit = (title: string, folderTitle?: string) => ({
    uid: title,
    title,
    url: "",
    ...(folderTitle === undefined ? {} : { folderTitle }),
  });
  const groups = groupByFolder([hit("z"), hit("b", "Tatou"), hit("a", "Tatou"), hit("c", "Ants")]);
  expect(groups.map((group) => [group.title, group.hits.map((one) => one.title)])).toEqual([
    ["Ants", ["c"]],
    ["Tatou", ["a", "b"]],
    ["General", ["z"]],
  ]);
});

test("an import names its inputs and what will not be drawn", () => {
  const preview = previewImport(
    JSON.stringify({
      title: "t",
      __inputs: [{ name: "DS", label: "Prometheus", type: "datasource", pluginId: "prometheus" }],
      panels: [{ type: "logs", title: "Log" }],
    }),
  );
  expect(preview.inputs.map((input) => [input.name, input.type, input.pluginId])).toEqual([
    ["DS", "datasource", "prometheus"],
  ]);
  expect(preview.lacks).toEqual(['Log: panel kind "logs"']);
  expect(() => previewImport("nonsense")).toThrow("Cannot read dashboard");
});

test("after signing in only a path of this server is followed", () => {
  const targets = ["/d/x?from=1", "//evil.example", "/\\evil.example", "https://evil.example", "/login", null];
  expect(targets.map(localAddress)).toEqual(["/d/x?from=1", "/", "/", "/", "/", "/"]);
});

test.each([
  { oldPassword: "admin", newPassword: "abc", repeated: "abc", complaint: "Take at least 4 characters" },
  {
    oldPassword: "admin",
    newPassword: "admin",
    repeated: "admin",
    complaint: "Take another password than the present one",
  },
  { oldPassword: "admin", newPassword: "better", repeated: "bitter", complaint: "The two new passwords differ" },
  { oldPassword: "admin", newPassword: "better", repeated: "better", complaint: null },
])("a new password: $complaint", ({ complaint, ...fields }) => {
  expect(passwordComplaint(fields)).toBe(complaint);
});

test("All and single values exclude each other", () => {
  expect(nextChoice(["$__all", "a"], true)).toEqual(["a"]);
  expect(nextChoice(["a", "$__all"], false)).toEqual(["$__all"]);
  expect(nextChoice([], false)).toEqual(["$__all"]);
});

test("a click in the legend shows one series alone, then all; an additive one changes just that one", () => {
  const keys = ["a", "b", "c"];
  const alone = toggled({ current: new Set(), key: "b", additive: false, keys });
  expect([...alone]).toEqual(["a", "c"]);
  expect([...toggled({ current: alone, key: "b", additive: false, keys })]).toEqual([]);
  expect([...toggled({ current: alone, key: "a", additive: true, keys })]).toEqual(["c"]);
});

test("tiles take the shape that numbers fill best", () => {
  expect(tileLayout({ count: 3, width: 420, height: 130, horizontal: null }).columns).toBe(3);
  expect(tileLayout({ count: 3, width: 120, height: 300, horizontal: null }).columns).toBe(1);
  expect(tileLayout({ count: 3, width: 420, height: 130, horizontal: true }).columns).toBe(1);
});

test("a sparkline breaks at gaps", () => {
  expect(sparklinePath([0, 10, null, 10]).line.match(/M/g)).toHaveLength(2);
});

test("equal states become one, a missing sample ends it", () => {
  const config = {
    unit: "",
    color: { mode: "" },
    thresholds: { mode: "absolute" as const, steps: [] },
    mappings: [],
    custom: {},
  };
  const base = { refId: "A", labels: {}, config };
  const time = { ...base, name: "Time", displayName: "Time", kind: "time" as const, values: [0, 10, 20, 40] };
  const value = { ...base, name: "v", displayName: "v", kind: "number" as const, values: [1, 1, 0, 0] };
  const rows = timelineRows([{ refId: "A", stepMs: 10, fields: [time, value] }], true);
  expect(rows[0]?.states).toEqual([
    { value: 1, startMs: 0, endMs: 20 },
    { value: 0, startMs: 20, endMs: 30 },
    { value: 0, startMs: 40, endMs: 50 },
  ]);
});

describe("text panels", () => {
  test("markdown becomes blocks; tags in it stay text", () => {
    expect(
      parseMarkdown("# Title\n\nSome *text*\nmore\n\n- one\n- two\n\n<img src=x onerror=alert(1)>").map(
        (block) => block.kind,
      ),
    ).toEqual(["heading", "paragraph", "list", "paragraph"]);
    expect(parseSpans("a **b** `c` [d](https://e.example)")).toEqual([
      { kind: "text", text: "a " },
      { kind: "strong", text: "b" },
      { kind: "text", text: " " },
      { kind: "code", text: "c" },
      { kind: "text", text: " " },
      { kind: "link", text: "d", address: "https://e.example" },
    ]);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "//evil.example", " JaVaScRiPt:x"])(
    "%s is no link",
    (address) => {
      expect(safeLink(address)).toBeNull();
    },
  );

  test("a list that never ends the line loop", () => {
    expect(parseMarkdown("|\n".repeat(2000)).length).toBeLessThan(2001);
  });
});
