import AxeBuilder from "@axe-core/playwright";
import type { BrowserContext, Page } from "playwright-core";

/** How long a page may take to show something, unless what it shows takes longer to happen. */
const patienceMs = 20_000;
const phone = { width: 420, height: 860 };

interface WatchOptions {
  /** Requests that may be refused because the test provokes it; the console speaks of each. */
  readonly refused?: RegExp;
}

/** A page of which everything it complains about is kept: console, exceptions, content security policy. */
export class WatchedPage {
  readonly page: Page;
  readonly #complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(context: BrowserContext, url: string, { refused }: WatchOptions = {}): Promise<WatchedPage> {
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const watched = new WatchedPage(page);
    page.on("pageerror", (error) => watched.#complaints.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      const { url: source } = message.location();
      const isComplaint = message.type() === "error" || message.type() === "warning";
      if (isComplaint && refused?.test(source) !== true)
        watched.#complaints.push(`console: ${message.text()} (${source})`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        console.error(`policy: ${event.violatedDirective} forbids ${event.blockedURI}`),
      );
    });
    await page.goto(url);
    return watched;
  }

  /** All of the page so far, in words. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** What keeps people from reading or using the page as it is now, in the dark and in the light scheme, in words. */
  async barriers(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const colorScheme of ["dark", "light"] as const) {
      await this.page.emulateMedia({ colorScheme });
      // Mantine's pages follow by script, those of the platform by style sheet alone.
      const byScript = `[data-mantine-color-scheme="${colorScheme}"]`;
      await this.page.locator(`html:is(${byScript}, :not([data-mantine-color-scheme]))`).waitFor();
      await this.page.evaluate(settle);
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact !== "serious" && impact !== "critical") continue;
        for (const node of nodes) found.push(`${colorScheme}: ${id} ${node.target.join(" ")}: ${node.failureSummary}`);
      }
    }
    return found;
  }

  /** How many pixels of the page lie beyond the right edge of a phone; the page stays at that width. */
  async pixelsBeyondPhone(): Promise<number> {
    await this.page.setViewportSize(phone);
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }
}

/** Runs in the page: waits until colours have changed over, so that none in between is measured. */
async function settle(): Promise<void> {
  const passing = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
  await Promise.allSettled(passing.map(({ finished }) => finished));
}
