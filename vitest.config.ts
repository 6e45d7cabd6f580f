import { defineConfig } from "vitest/config";

const resolve = { conditions: ["source"] };
const shared = {
  exclude: ["**/node_modules/**", "**/dist/**"],
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

/** These time whole stacks and the originals: two at once would measure each other. */
const alone = [
  "tests/whole-stack.test.ts",
  "tests/engine-death.test.ts",
  "tests/cli/life.test.ts",
  "tests/engine/kill.test.ts",
  "tests/peers/prometheus.test.ts",
  "tests/peers/alertmanager.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "parts",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "apps/*/src/**/*.test.tsx"],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: {
          ...shared,
          name: "programs",
          include: ["tests/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: [...shared.exclude, ...alone],
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
          include: alone,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
