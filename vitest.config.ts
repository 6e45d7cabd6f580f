import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const resolve = { conditions: ["source"] };
const shared = {
  exclude: ["**/node_modules/**", "**/dist/**"],
  // A test of seconds takes a minute on a machine that is slow and busy; what may take how long, tests say themselves.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/**
 * Whole stacks and the originals, in real time: they mostly wait, so that two at once do not disturb each other. The busy
 * rest would, and comes before.
 */
const stacks = [
  "tests/cli/life.test.ts",
  "tests/peers/prometheus.test.ts",
  "tests/whole-stack.test.ts",
  "tests/engine-death.test.ts",
  "tests/peers/alertmanager.test.ts",
  "tests/engine/kill.test.ts",
];

/** What takes tens of seconds, longest first: nothing of it is to run alone at the end. */
const long = [
  "tests/browser/browser.test.ts",
  "tests/cli/watermark.test.ts",
  "tests/cli/refusals.test.ts",
  "tests/peers/rmap.test.ts",
  "tests/platform/original-faults.test.ts",
  "tests/cli/server-init.test.ts",
  "tests/cli/server-backup.test.ts",
  ...stacks,
  "apps/server/src/pdf/corpus.test.ts",
  "apps/server/src/pdf/hostile.test.ts",
  "packages/assurance/src/check/seeded-defects.test.ts",
  "apps/cli/src/virtual/virtual-stack.test.ts",
  "apps/server/src/openapi/openapi.test.ts",
];

/** Project by project, so that files that share a process follow each other; in each, what is long comes first. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = ["programs", "replacing parts", "parts", "stacks"];
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const place = long.findIndex((file) => moduleId.endsWith(file));
      return projects.indexOf(project.name) * 1000 + (place === -1 ? long.length : place);
    };
    const sorted = await super.sort(files);
    return sorted.sort((left, right) => rank(left) - rank(right));
  }
}

/** A module that a test replaces is replaced before anything loads it: such a test needs a process of its own. */
const replacing = ["packages", "apps"].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder)).flatMap((name) => filesThatReplace(`${folder}/${name}/src`)),
);

function filesThatReplace(source: string): readonly string[] {
  return readdirSync(join(import.meta.dirname, source), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.test\.tsx?$/.test(name))
    .map((name) => join(source, name).replaceAll("\\", "/"))
    .filter((path) => readFileSync(join(import.meta.dirname, path), "utf8").includes("vi.mock("));
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "parts",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "apps/*/src/**/*.test.tsx"],
          exclude: [...shared.exclude, ...replacing],
          // Loading the same modules for each of two hundred files took as long as a third of the tests themselves.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "replacing parts",
          include: replacing,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "programs",
          include: ["tests/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: [...shared.exclude, ...stacks],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "stacks",
          include: stacks,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
