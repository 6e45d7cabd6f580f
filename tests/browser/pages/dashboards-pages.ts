import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { repository, until } from "../../lib/processes.ts";
import { Attack, attackerAddress } from "../lib/attack.ts";
import type { BrowserStack } from "../lib/browser-stack.ts";
import { WatchedPage } from "../lib/watched-page.ts";

const publicDashboard = join(
  process.env["TATOU_SHARED"] ?? join(repository, "../shared"),
  "conformance/dashboards/grafana+jsonnet-libs__nodejs-mixin+dashboards+nodejs-overview.json",
);

/** As Grafana exports a dashboard for others: the data source is left open. */
const smallDashboard = {
  __inputs: [
    { name: "DS_METRICS", label: "Metrics", type: "datasource", pluginId: "prometheus", pluginName: "Prometheus" },
  ],
  title: "Small and imported",
  schemaVersion: 39,
  panels: [
    {
      id: 1,
      type: "stat",
      title: "Targets up",
      gridPos: { x: 0, y: 0, w: 6, h: 5 },
      datasource: { type: "prometheus", uid: "${DS_METRICS}" },
      targets: [{ refId: "A", expr: "sum(up) * 100" }],
    },
  ],
};

/** Signing in, the dashboard that comes with us, data sources and import. One visitor does all, in this order. */
export function describeDashboardsPages(stack: () => BrowserStack): void {
  describe("the dashboards", () => {
    let context: BrowserContext;
    let attack: Attack;
    beforeAll(async () => {
      attack = new Attack(stack().urls.server);
      context = await stack().browser.newContext({ viewport: { width: 1400, height: 1000 } });
    });
    afterEach(async () => {
      for (const page of context.pages()) await page.close();
    });
    afterAll(async () => {
      attack.stop();
      await context.close();
    });
    const open = (path: string, options?: { refused: RegExp }) =>
      WatchedPage.open(context, `${stack().urls.dashboards}${path}`, options);

    test("admin signs in, is asked for a new password, and arrives where the way led", async () => {
      const watched = await open("/d/security_overview", { refused: /\/api\/|\/login/ });
      const { page } = watched;
      await page.getByRole("heading", { name: "Sign in to Tatou" }).waitFor();
      expect(await watched.barriers()).toEqual([]);
      await signIn(page, "wrong");
      await page.getByRole("alert").waitFor();
      await signIn(page, "admin");
      await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
      expect(await watched.barriers()).toEqual([]);
      await page.getByLabel("Present password").fill("admin");
      await page.getByLabel("New password", { exact: true }).fill("a better one");
      await page.getByLabel("New password again").fill("a better one");
      await page.getByRole("button", { name: "Save password" }).click();
      await page.getByRole("heading", { name: "Security overview" }).waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("the home page leads to the Security overview", async () => {
      const watched = await open("/");
      await watched.page.getByRole("link", { name: /Security overview/ }).click();
      await watched.page.waitForURL(/\/d\/security_overview/);
      expect(watched.complaints).toEqual([]);
    });

    test("the Security overview draws every panel, and is live", async () => {
      const watched = await open("/d/security_overview?refresh=5s&from=now-5m&to=now");
      const { page } = watched;
      await until("all panels to be drawn", async () => {
        await page.mouse.wheel(0, 400);
        return (
          (await page.locator("canvas").count()) >= 4 &&
          (await page.getByRole("status", { name: "Loading" }).count()) === 0
        );
      });
      expect(await page.getByRole("alert").allInnerTexts()).toEqual([]);
      expect(await page.locator("section h2").allInnerTexts()).toEqual(panelTitles());
      await page.getByRole("region", { name: "Service up" }).getByText("UP", { exact: true }).waitFor();
      await page.getByRole("region", { name: "Active alerts" }).getByText("HighAuthFailureRate").waitFor();
      const source = page
        .getByRole("region", { name: "Top sources, 1 h" })
        .getByRole("row")
        .filter({ hasText: attackerAddress });
      await source.waitFor();
      const before = await source.innerText();
      await until("the count of the attacker to change", async () => (await source.innerText()) !== before);
      expect(watched.complaints).toEqual([]);
    }, 60_000);

    test("dragging over a panel zooms all of them, and back leads back", async () => {
      const watched = await open("/d/security_overview?from=now-5m&to=now");
      const { page } = watched;
      const plot = page.getByRole("region", { name: "Auth failures per second" }).locator(".u-over");
      const box = (await plot.boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=\d{13}&to=\d{13}/);
      await page.goBack();
      await page.waitForURL(/from=now-5m&to=now/);
      expect(watched.complaints).toEqual([]);
    });

    test("a data source is added, answers, and one that does not answer says why", async () => {
      const watched = await open("/connections/datasources", { refused: /\/health$/ });
      const { page } = watched;
      await page.getByRole("link", { name: "Add data source" }).click();
      await page.getByLabel("Name").fill("Second engine");
      await page.getByLabel("URL").fill("http://127.0.0.1:1");
      await page.getByRole("button", { name: "Save & test" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("URL").fill(stack().urls.engine);
      await page.getByRole("button", { name: "Save & test" }).click();
      await page.getByRole("alert").waitFor({ state: "detached" });
      await page.getByRole("status").waitFor();
      await page.getByRole("button", { name: "Back" }).click();
      await page.getByRole("link", { name: /Second engine/ }).waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("a dashboard is imported with a data source of choice, and draws", async () => {
      const watched = await open("/dashboard/import");
      const { page } = watched;
      await page.getByLabel("Or paste the JSON here").fill(JSON.stringify(smallDashboard));
      await page.getByRole("button", { name: "Load" }).click();
      await page.getByRole("combobox", { name: "Metrics" }).click();
      await page.getByRole("option", { name: "Second engine" }).click();
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("heading", { name: "Small and imported" }).waitFor();
      await page.getByRole("region", { name: "Targets up" }).getByText("200", { exact: true }).waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test.skipIf(!existsSync(publicDashboard))("a public dashboard is imported", async () => {
      const watched = await open("/dashboard/import");
      const { page } = watched;
      const { title } = JSON.parse(readFileSync(publicDashboard, "utf8")) as { title: string };
      await page.getByLabel(/Choose a file/).setInputFiles(publicDashboard);
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      await page.locator("main section").first().waitFor();
      expect(await page.getByRole("alert").allInnerTexts()).toEqual([]);
      expect(watched.complaints).toEqual([]);
    });

    test.each([
      "/",
      "/d/security_overview",
      "/dashboard/import",
      "/connections/datasources",
      "/connections/datasources/new",
      "/profile/password",
    ])(
      "%s can be read and used by everybody, in both schemes and on a phone",
      async (path) => {
        const watched = await open(path);
        await watched.page.locator("main h1").waitFor();
        // Panels below the fold load when somebody scrolls to them.
        await watched.page.locator("main canvas, main form, main ul, main a, main textarea").first().waitFor();
        expect(await watched.barriers()).toEqual([]);
        expect(await watched.pixelsBeyondPhone()).toBe(0);
        expect(watched.complaints).toEqual([]);
      },
      30_000,
    );
  });
}

/** As the dashboard's file has them, in the order in which people read: row by row. */
function panelTitles(): readonly string[] {
  const file = join(repository, "monitoring/grafana/dashboards/security_overview.json");
  const { panels } = JSON.parse(readFileSync(file, "utf8")) as {
    panels: readonly { title: string; gridPos: { x: number; y: number } }[];
  };
  return panels
    .toSorted(({ gridPos: left }, { gridPos: right }) => left.y - right.y || left.x - right.x)
    .map(({ title }) => title);
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel("Login").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
