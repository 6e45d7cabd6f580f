import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { BrowserStack, chromiumPath } from "./lib/browser-stack.ts";
import { describeAlertsPages } from "./pages/alerts-pages.ts";
import { describeDashboardsPages } from "./pages/dashboards-pages.ts";
import { describeEnginePages } from "./pages/engine-pages.ts";
import { describePlatformPages } from "./pages/platform-pages.ts";

/** The pages in a real browser, on the real stack. It takes seconds to start, so all suites look at one. */
describe.skipIf(!existsSync(chromiumPath))("in Chromium", () => {
  let stack: BrowserStack;
  beforeAll(async () => {
    stack = await BrowserStack.open();
  }, 90_000);
  afterAll(() => stack?.close(), 30_000);

  describeEnginePages(() => stack);
  describeAlertsPages(() => stack);
  describeDashboardsPages(() => stack);
  describePlatformPages(() => stack);
});
