import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Attack, attackerAddress } from "../lib/attack.ts";
import type { BrowserStack } from "../lib/browser-stack.ts";
import { WatchedPage } from "../lib/watched-page.ts";

const attackedMs = 30_000;

/** What the pages of engine and alerts show while somebody guesses passwords. */
export function describeAlertsPages(stack: () => BrowserStack): void {
  describe("during an attack", () => {
    let attack: Attack;
    let context: BrowserContext;
    beforeAll(() => {
      attack = new Attack(stack().urls.server);
    });
    afterAll(() => attack.stop());
    beforeEach(async () => {
      context = await stack().browser.newContext();
    });
    afterEach(() => context.close());
    const open = (path: string) => WatchedPage.open(context, `${stack().urls.alerts}${path}`);

    test(
      "the engine shows the alert pending, then firing, and first of all",
      async () => {
        const watched = await WatchedPage.open(context, `${stack().urls.engine}/alerts`);
        const alert = watched.page
          .getByRole("table", { name: "Alerts of HighAuthFailureRate" })
          .getByRole("row")
          .nth(1);
        await alert.getByText("pending", { exact: true }).waitFor({ timeout: attackedMs });
        await alert.getByText(`client_ip="${attackerAddress}"`).waitFor();
        await alert.getByText("firing", { exact: true }).waitFor({ timeout: attackedMs });
        await watched.page.getByText(/^[1-9]\d* firing, \d+ pending/).waitFor();
        // Other groups may have a firing alert, too: one of latency on a slow machine.
        const groups = await shownGroups(watched.page);
        expect(groups.find(({ label }) => label === "Rule group security_alerts")?.states[0]).toBe("firing");
        for (const { states } of groups) expect(states).toEqual(byUrgency(states));
        const firstStates = groups.map(({ states }) => states[0]!);
        expect(firstStates).toEqual(byUrgency(firstStates));
        expect(watched.complaints).toEqual([]);
      },
      2 * attackedMs,
    );

    test(
      "the inbox shows the message",
      async () => {
        const watched = await open("/inbox");
        const message = watched.page.getByRole("article", { name: /^\[FIRING:1\] HighAuthFailureRate/ });
        await message.waitFor({ timeout: attackedMs });
        await message.getByText("Potential brute-force or credential stuffing attack").waitFor();
        await message.getByText(`client_ip="${attackerAddress}"`).waitFor();
        expect(watched.complaints).toEqual([]);
      },
      attackedMs + 10_000,
    );

    test(
      "an alert is silenced from its entry, and the silence expired again",
      async () => {
        const watched = await open("/alerts");
        const { page } = watched;
        const entry = page.getByRole("article").filter({ hasText: "HighAuthFailureRate" });
        await entry.waitFor({ timeout: attackedMs });
        await entry.getByRole("link", { name: "Silence" }).click();
        await page.getByText("Alerts that fire now and match: 1").waitFor();
        await page.getByLabel("Your name").fill("Ada");
        await page.getByLabel("Why").fill("A rehearsal");
        await page.getByRole("button", { name: "Create silence" }).click();
        const silence = page.getByRole("article").filter({ hasText: "A rehearsal" });
        await silence.getByText('alertname="HighAuthFailureRate"').waitFor();

        await page.getByRole("link", { name: "Alerts", exact: true }).click();
        await page.getByText(/^\d+ firing, and 1 silenced or inhibited/).waitFor();
        await entry.waitFor({ state: "detached" });
        await page.getByRole("switch", { name: "Show silenced and inhibited" }).click();
        await entry.getByText("silenced: nobody is told").waitFor();

        await page.getByRole("link", { name: "Silences", exact: true }).click();
        await silence.getByRole("button", { name: "Expire" }).click();
        await silence.waitFor({ state: "detached" });
        await page.getByText("Expired 1").click();
        await silence.getByText("by Ada, ended").waitFor();
        expect(watched.complaints).toEqual([]);
      },
      attackedMs + 20_000,
    );

    test("a silence of something else says that it would quiet nothing, and bad matchers are told", async () => {
      const watched = await open("/silences");
      const { page } = watched;
      await page.getByRole("link", { name: "New silence" }).click();
      await page.getByLabel("Matchers").fill('alertname="SomethingElse"');
      await page.getByText("No alert that fires now matches").waitFor();
      await page.getByLabel("Matchers").fill("alertname");
      await page.getByText('Cannot read the matcher "alertname"').waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("an engine that is silent is said loudly", async () => {
      const watched = await WatchedPage.open(context, `${stack().urls.alerts}/status`);
      const { page } = watched;
      await page.getByText("watching at").waitFor();
      await page.route("**/api/tatou/v1/status", async (route) => {
        const response = await route.fetch();
        const status = (await response.json()) as { engine: object };
        const engine = {
          ...status.engine,
          state: "silent",
          silentSince: new Date(Date.now() - 42_000).toISOString(),
          reason: "its Watchdog alert has not come for 42s",
        };
        await route.fulfill({ response, json: { ...status, engine } });
      });
      await page.getByRole("link", { name: "Alerts", exact: true }).click();
      const notice = page.getByRole("alert");
      await notice.getByText(/^The engine is silent for 4\ds, since/).waitFor();
      await notice.getByText("New attacks are not noticed").waitFor();
      await notice.getByText("its Watchdog alert has not come for 42s").waitFor();
      expect(await watched.barriers()).toEqual([]);
      expect(watched.complaints).toEqual([]);
    });

    test("a test of notifications shows what each receiver answered, and arrives marked", async () => {
      const watched = await open("/status");
      const { page } = watched;
      await page.getByRole("button", { name: "Send a test" }).click();
      await page.getByText(/^(\d+) of \1 test messages delivered$/).waitFor();
      await page.getByRole("article").getByText("delivered", { exact: true }).first().waitFor();
      expect(await watched.barriers()).toEqual([]);
      expect(await watched.pixelsBeyondPhone()).toBe(0);
      await page.goto(page.url().replace("/status", "/inbox"));
      await page
        .getByRole("article", { name: /NotificationTest.*\[TEST\]/ })
        .first()
        .waitFor();
      expect(watched.complaints).toEqual([]);
    }, 30_000);

    test.each(["/alerts?suppressed=1", "/silences", "/silences/new", "/inbox", "/status"])(
      "%s can be read and used by everybody, in both schemes and on a phone",
      async (path) => {
        const watched = await open(path);
        await watched.page.locator("main h1").waitFor();
        await watched.page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
        expect(await watched.barriers()).toEqual([]);
        expect(await watched.pixelsBeyondPhone()).toBe(0);
        expect(watched.complaints).toEqual([]);
      },
      30_000,
    );
  });
}

interface ShownGroup {
  readonly label: string;
  /** Of its rules, from above. */
  readonly states: readonly string[];
}

/** The groups of the alerts page at one moment, from above. */
function shownGroups(page: Page): Promise<readonly ShownGroup[]> {
  return page.getByRole("region", { name: /^Rule group/ }).evaluateAll((sections) =>
    sections.map((section) => ({
      label: section.getAttribute("aria-label") ?? "",
      states: [...section.querySelectorAll(":scope > [data-state]")].map(
        (rule) => rule.getAttribute("data-state") ?? "",
      ),
    })),
  );
}

/** "ok" is the Watchdog's word: it always fires, and nobody need do anything about it. */
const urgencies = ["err", "firing", "pending", "inactive", "ok"];

function byUrgency(states: readonly string[]): readonly string[] {
  return states.toSorted((left, right) => urgencies.indexOf(left) - urgencies.indexOf(right));
}
