import type { CheckReport } from "@tatou/assurance";
import { expect, test } from "vitest";
import { changeTeller } from "./change-teller.ts";
import type { ReadProject } from "./read-project.ts";

const files: ReadProject = {
  paths: [],
  folders: ["/p", "/p/src"],
  unreadable: [],
  pathOf: (path) => path,
  read: () => "",
  exists: () => false,
};
const report: CheckReport = {
  findings: [],
  times: [],
  alerts: [],
  counts: { sources: 1, metrics: 1, alerts: 0, recordingRules: 0, panels: 0, tests: 0 },
};

test("what cannot be read is said once, and the project is looked at again", () => {
  const told: string[] = [];
  let problem: Error | null = null;
  const look = changeTeller(
    {
      path: "/p",
      files: () => {
        if (problem !== null) throw problem;
        return files;
      },
      run: () => report,
    },
    { isVerbose: false, write: (text) => told.push(text) },
  );
  problem = Object.assign(new Error("gone"), { code: "x", hint: "h" });
  expect(look()).toEqual(["/p"]);
  problem = null;
  expect(look()).toEqual(files.folders);
  problem = Object.assign(new Error("gone again"), { code: "x", hint: "h" });
  expect(look()).toEqual(files.folders);
  look();
  problem = null;
  look();
  expect(told.map((text) => text.split("\n")[0])).toEqual([
    expect.stringContaining("gone"),
    expect.stringContaining("Checked 1 metric"),
    expect.stringContaining("gone again"),
  ]);
});
