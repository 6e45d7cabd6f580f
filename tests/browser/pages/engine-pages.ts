import type { BrowserContext } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BrowserStack } from "../lib/browser-stack.ts";
import { WatchedPage } from "../lib/watched-page.ts";

/** Query, targets and rules. */
export function describeEnginePages(stack: () => BrowserStack): void {
  let context: BrowserContext;
  beforeEach(async () => {
    context = await stack().browser.newContext();
  });
  afterEach(() => context.close());
  const open = (path: string, options?: { refused: RegExp }) =>
    WatchedPage.open(context, `${stack().urls.engine}${path}`, options);

  describe("the query page", () => {
    test("is asked by typing and Enter, and the question stands in the address", async () => {
      const watched = await open("/query");
      const { page } = watched;
      await page.locator(".cm-content").waitFor();
      await page.keyboard.type('up{job="tatou-app"}');
      await page.keyboard.press("Enter");
      await page.getByRole("cell", { name: 'up{instance="server:5000", job="tatou-app"}' }).waitFor();
      expect(await page.getByRole("cell").allInnerTexts()).toEqual([
        'up{instance="server:5000", job="tatou-app"}',
        "1",
      ]);
      expect(new URL(page.url()).searchParams.get("g0.expr")).toBe('up{job="tatou-app"}');
      expect(watched.complaints).toEqual([]);
    });

    test("completes metrics and label values; Shift-Enter breaks the line", async () => {
      const watched = await open("/query");
      const { page } = watched;
      const editor = page.locator(".cm-content");
      await editor.waitFor();
      await page.keyboard.type("sum(http_requests_tot");
      await page.getByRole("option", { name: /^http_requests_total/ }).waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.type('{job="tat');
      await page.getByRole("option", { name: "tatou-app" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.keyboard.press("End");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("# all of them");
      expect(await editor.innerText()).toBe('sum(http_requests_total{job="tatou-app"})\n# all of them');
      expect(new URL(page.url()).search).toBe("");
      await page.keyboard.press("Enter");
      await page.getByRole("table", { name: "Result of the query" }).waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("draws a graph; dragging over it zooms, and back leads back", async () => {
      const watched = await open("/query?g0.expr=up&g0.tab=graph&g0.range_input=5m");
      const { page } = watched;
      await page.locator("canvas").waitFor();
      const plot = (await page.locator(".u-over").boundingBox())!;
      await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 50);
      await page.mouse.down();
      await page.mouse.move(plot.x + plot.width * 0.75, plot.y + 60, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/g0\.end_input=/);
      const zoomedSeconds = Number.parseInt(new URL(page.url()).searchParams.get("g0.range_input")!, 10);
      expect(zoomedSeconds).toBeGreaterThanOrEqual(70);
      expect(zoomedSeconds).toBeLessThanOrEqual(80);
      await page.goBack();
      expect(new URL(page.url()).search).toBe("?g0.expr=up&g0.tab=graph&g0.range_input=5m");
      await page.locator("canvas").waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("shows where an expression is wrong", async () => {
      const watched = await open("/query?g0.expr=sum(rate(up[5m]) by job", { refused: /api\/v1\/query/ });
      const problem = watched.page.getByRole("alert");
      await problem.getByText("unexpected <by> in aggregation").waitFor();
      expect(await problem.locator("pre").innerText()).toBe("sum(rate(up[5m]) by job");
      expect(await problem.locator("mark").innerText()).toBe("by");
      await problem.getByText("Write sum by (label) (expression)").waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test.each([
      { expr: "no_such_metric", shown: "Empty result" },
      { expr: "up[3s]", shown: /^1 @ \d\d:\d\d:\d\d$/m },
      { expr: "1 + 1", shown: "scalar" },
    ])("says what came of $expr", async ({ expr, shown }) => {
      const watched = await open(`/query?g0.expr=${encodeURIComponent(expr)}`);
      await watched.page.getByText(shown).first().waitFor();
      expect(watched.complaints).toEqual([]);
    });
  });

  test("the targets page explains why a target is down, and puts it first", async () => {
    const watched = await open("/targets");
    const { page } = watched;
    const pools = page.getByRole("region", { name: /^Scrape pool/ });
    await pools.nth(2).waitFor();
    expect(await pools.getByRole("heading").allInnerTexts()).toEqual(["nobody", "prometheus", "tatou-app"]);
    const down = page.getByRole("row").filter({ hasText: "http://127.0.0.1:1/metrics" });
    await down.getByText("down", { exact: true }).waitFor();
    await down.getByText("connection refused").waitFor();
    await down.getByText("Nothing listens at this address").waitFor();
    await page
      .getByRole("row")
      .filter({ hasText: "http://server:5000/metrics" })
      .getByText("up", { exact: true })
      .waitFor();
    await page.getByText("Unhealthy").click();
    await pools.filter({ hasText: "tatou-app" }).waitFor({ state: "detached" });
    expect(new URL(page.url()).search).toBe("?health=unhealthy");
    expect(watched.complaints).toEqual([]);
  });

  test("an engine that answers no more leaves the old list, marked as old", async () => {
    const watched = await open("/targets", { refused: /api\/v1\/targets/ });
    const { page } = watched;
    await page.getByText("2 of 3 up").waitFor();
    await page.route("**/api/v1/targets", (route) => route.abort());
    await page.getByText("What stands below is old").waitFor();
    await page.getByText("http://server:5000/metrics").waitFor();
    await page.unroute("**/api/v1/targets");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("What stands below is old").waitFor({ state: "detached" });
    expect(watched.complaints).toEqual([]);
  });

  test("the check page shows each alert's time to detect, and can be read by everybody", async () => {
    // Until the check that follows a start is done there is no report, which the page is told with 404.
    const watched = await open("/check", { refused: /api\/tatou\/v1\/check/ });
    const { page } = watched;
    const times = page.getByRole("table", { name: "Time to detect of every alert" });
    await times.waitFor({ timeout: 60_000 });
    const row = times.getByRole("row").filter({ hasText: "HighAuthFailureRate" });
    expect(await row.getByRole("img").getAttribute("aria-label")).toMatch(/^ramp .*, scrape .*, evaluation .*, for /);
    await page.getByText(/ alerts can fire and reach somebody/).waitFor();
    expect(await watched.barriers()).toEqual([]);
    expect(await watched.pixelsBeyondPhone()).toBe(0);
    expect(watched.complaints).toEqual([]);
  }, 90_000);

  test("samples that are in memory only, folded series and lost blocks are loud on every page", async () => {
    const watched = await open("/rules");
    const { page } = watched;
    await page.route("**/api/tatou/v1/storage", async (route) => {
      const answer = (await (await route.fetch()).json()) as { storage: object };
      const writeProblem = { reason: "the disk is full", since: new Date().toISOString(), samplesNotWritten: 1234 };
      const unusableBlocks = [{ ulid: "01M83A14SS0R4NFZQEYJZPS939", reason: "a checksum is wrong", movedTo: null }];
      const trouble = { writeProblem, seriesFolded: 412, seriesCountMax: 10_000, unusableBlocks };
      await route.fulfill({ json: { ...answer, storage: { ...answer.storage, ...trouble } } });
    });
    await page.reload();
    const alert = page.getByRole("alert");
    await alert.getByText("1,234 samples are lost if the engine ends now").waitFor();
    await alert.getByText("Reason: the disk is full").waitFor();
    await page.getByText("The limit of 10,000 series is reached").waitFor();
    await page.getByRole("link", { name: "See which, and why" }).click();
    await page.getByRole("heading", { name: "Storage" }).waitFor();
    await page.getByText("a checksum is wrong").waitFor();
    await page.getByRole("table", { name: "Metrics with the most series" }).waitFor();
    expect(await watched.barriers()).toEqual([]);
    expect(await watched.pixelsBeyondPhone()).toBe(0);
    expect(watched.complaints).toEqual([]);
  }, 30_000);

  const pages = [
    "/query?g0.expr=up",
    "/query?g0.expr=up&g0.tab=graph",
    "/targets",
    "/alerts",
    "/rules",
    "/tsdb-status",
  ];
  test.each(pages)(
    "%s can be read and used by everybody, in both schemes and on a phone",
    async (path) => {
      const watched = await open(path);
      await watched.page.locator("main table, main canvas, main section").first().waitFor();
      expect(await watched.barriers()).toEqual([]);
      expect(await watched.pixelsBeyondPhone()).toBe(0);
      expect(watched.complaints).toEqual([]);
    },
    30_000,
  );
}
