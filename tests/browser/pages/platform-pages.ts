import type { BrowserContext, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BrowserStack } from "../lib/browser-stack.ts";
import { choose, markCopy, newUser, openSignedUp, openStored, password, printPdf } from "../lib/platform-user.ts";
import { WatchedPage } from "../lib/watched-page.ts";

const methods = ["toy-eof", "metadata-xmp", "object-stream", "invisible-text", "layered"];
const attackName = "<img src=x onerror=alert(1)>.pdf";
const smallPhone = { width: 360, height: 780 };

/** The platform's own pages, from sign-up to reading a mark. */
export function describePlatformPages(stack: () => BrowserStack): void {
  describe("the platform", () => {
    let context: BrowserContext;
    beforeEach(async () => {
      context = await stack().browser.newContext();
    });
    afterEach(() => context.close());
    const server = () => stack().urls.server;

    test.each(methods)(
      "from sign-up to the recipient of a leaked copy, marked by %s",
      async (method) => {
        await context.grantPermissions(["clipboard-read", "clipboard-write"]);
        const watched = await openSignedUp(context, server());
        const { page } = watched;
        await openStored(page, await printPdf(context, "report.pdf"));
        await markCopy(page, { recipient: "Bob", secret: "for Bob’s eyes", key: "a key", method });
        await markCopy(page, { recipient: "Zoë", secret: "for Zoë’s eyes", key: "a key", method });
        expect(await page.locator("#copies h3").allInnerTexts()).toEqual(["Zoë", "Bob"]);

        await page.getByRole("button", { name: "Copy link of the copy for Bob" }).click();
        await page.getByText("The link is in the clipboard.").waitFor();
        const address = await page.evaluate(() => navigator.clipboard.readText());
        expect(address).toMatch(/\/api\/get-version\/[\w-]{43}$/);
        const copy = Buffer.from(await (await fetch(address)).arrayBuffer());

        await page.getByRole("link", { name: "Read a mark", exact: true }).click();
        await choose(page, { name: "found.pdf", mimeType: "application/pdf", buffer: copy });
        await page.getByText("found.pdf is stored and chosen below.").waitFor();
        await page.getByLabel("Method").selectOption(method);
        await page.getByRole("textbox", { name: "Key" }).fill("a key");
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "This copy was made for Bob" }).waitFor();
        await page.getByText("for Bob’s eyes").waitFor();
        expect(watched.complaints).toEqual([]);
      },
      60_000,
    );

    test("all methods are offered, each with what it survives", async () => {
      const { page } = await openSignedUp(context, server());
      await openStored(page, await printPdf(context, "report.pdf"));
      const choices = page.getByRole("group", { name: "Method" }).getByRole("radio");
      await expect.poll(() => choices.count()).toBe(methods.length);
      for (const [index, method] of methods.entries()) {
        const choice = choices.nth(index);
        expect(await choice.evaluate(accessibleTexts)).toEqual({
          name: method,
          description: expect.stringMatching(/survives|lost/i),
        });
      }
      expect(await choices.nth(methods.indexOf("layered")).isChecked()).toBe(true);
    });

    test("a name that is markup is text wherever it stands", async () => {
      const watched = await openSignedUp(context, server());
      const { page } = watched;
      page.on("dialog", () => expect.unreachable("the name ran"));
      await openStored(page, await printPdf(context, attackName));
      expect(await page.title()).toContain(attackName);
      await markCopy(page, { recipient: attackName, secret: attackName, key: "k", method: "toy-eof" });
      await page.getByRole("heading", { level: 3, name: attackName }).waitFor();
      await page.getByRole("link", { name: "Read a mark in it" }).click();
      await expect.poll(() => page.getByLabel("Document").innerText()).toContain(attackName);
      await page.getByRole("link", { name: "Documents" }).click();
      await page.getByRole("button", { name: `Delete ${attackName}` }).click();
      await page.getByRole("dialog").getByText(attackName).waitFor();
      expect(await page.locator("img").count()).toBe(1);
      expect(watched.complaints).toEqual([]);
    });

    test("a document goes only when that is confirmed, and the keyboard is enough for it", async () => {
      const watched = await openSignedUp(context, server());
      const { page } = watched;
      await choose(page, await printPdf(context, "draft.pdf"));
      const remove = page.getByRole("button", { name: "Delete draft.pdf" });
      await remove.focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "Delete this document?" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(await remove.evaluate((button) => button === document.activeElement)).toBe(true);

      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByText("draft.pdf is deleted.").waitFor();
      await page.getByText("No documents yet").waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Documents");
      expect(watched.complaints).toEqual([]);
    });

    test("an upload shows how far it is, and can be cancelled", async () => {
      const watched = await openSignedUp(context, server());
      const { page } = watched;
      const file = await printPdf(context, "long.pdf");
      await uploadAt(page, 200_000);
      await choose(page, { ...file, buffer: Buffer.concat([file.buffer, Buffer.alloc(2_000_000)]) }, file);
      const progress = page.getByRole("progressbar", { name: "Upload of long.pdf" }).first();
      await expect.poll(() => progress.evaluate((bar) => (bar as HTMLProgressElement).value)).toBeGreaterThan(0.1);
      await page.getByText(/^\d\d % of 1\.9 MiB/).waitFor();
      await page.getByRole("button", { name: "Cancel the upload of long.pdf" }).first().click();
      await uploadAt(page, -1);
      await page.getByText("long.pdf is stored.").waitFor();
      await expect.poll(() => page.locator("#list li").count()).toBe(1);
      expect(await page.getByRole("progressbar").count()).toBe(0);
      expect(watched.complaints).toEqual([]);
    });

    test("what the server refuses is said in its words, and can be put right", async () => {
      const refused = /create-user|\/login|upload-document|create-watermark|read-watermark/;
      const user = newUser();
      await openSignedUp(context, server(), { user });
      const watched = await WatchedPage.open(context, `${server()}/login.html`, { refused });
      const { page } = watched;
      const problem = page.getByRole("alert");
      await page.getByLabel("Email").fill(user.email);
      await page.getByLabel("Password").fill("not the password");
      await page.keyboard.press("Enter");
      await problem.getByText("Invalid credentials").waitFor();
      await page.getByLabel("Password").fill(password);
      await page.keyboard.press("Enter");
      await page.getByText("No documents yet").waitFor();

      await choose(page, { name: "notes.pdf", mimeType: "application/pdf", buffer: Buffer.from("hello") });
      await problem.getByText("Only PDF files are accepted: it does not begin as a PDF does").waitFor();
      await page.getByRole("button", { name: "Dismiss notes.pdf" }).click();
      await openStored(page, await printPdf(context, "report.pdf"));
      await page.getByRole("button", { name: "Mark a copy" }).click();
      await problem.getByText("Method, intended_for, secret, and key are required").waitFor();
      await page.getByRole("link", { name: "Read a mark in it" }).click();
      await page.getByRole("textbox", { name: "Key" }).fill("a key");
      await page.getByRole("button", { name: "Read the mark" }).click();
      await problem.getByText("Try the other methods").waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test("a session that ended leads to the login, and from there back", async () => {
      const user = newUser();
      const watched = await openSignedUp(context, server(), { user, refused: /\/api\/list-/ });
      const { page } = watched;
      await openStored(page, await printPdf(context, "report.pdf"));
      const address = page.url();
      await page.evaluate(() => sessionStorage.setItem("tatou.token", "stale"));
      await page.reload();
      await page.getByRole("status").getByText("Your session has ended").waitFor();
      await page.getByLabel("Email").fill(user.email);
      await page.getByLabel("Password").fill(password);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "report.pdf" }).waitFor();
      expect(page.url()).toBe(address);

      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      expect(await page.evaluate(() => sessionStorage.getItem("tatou.token"))).toBeNull();
      expect(watched.complaints).toEqual([]);
    });

    test("documents and copies open in tabs that cannot reach back", async () => {
      const watched = await openSignedUp(context, server());
      const { page } = watched;
      await openStored(page, await printPdf(context, "report.pdf"));
      const opened = context.waitForEvent("page");
      await page.getByRole("button", { name: "View" }).click();
      expect(await tabFacts(await opened)).toEqual({ protocol: "blob:", type: "application/pdf", opener: "none" });

      await markCopy(page, { recipient: "Bob", secret: "s", key: "k", method: "layered" });
      const openedCopy = context.waitForEvent("page");
      await page.getByRole("link", { name: "Open the copy for Bob" }).click();
      expect(await tabFacts(await openedCopy)).toEqual({ protocol: "http:", type: "application/pdf", opener: "none" });
      expect(watched.complaints).toEqual([]);
    });

    test("without a clipboard, the link is selected", async () => {
      await context.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      const { page } = await openSignedUp(context, server());
      await openStored(page, await printPdf(context, "report.pdf"));
      await markCopy(page, { recipient: "Bob", secret: "s", key: "k", method: "toy-eof" });
      await page.getByRole("button", { name: "Copy link of the copy for Bob" }).click();
      await page.getByText("press Ctrl+C").waitFor();
      const field = page.getByRole("textbox", { name: "Link of the copy for Bob" });
      expect(await page.evaluate(() => getSelection()?.toString())).toBe(await field.inputValue());
    });

    test("a key is shown on demand", async () => {
      const { page } = await openSignedUp(context, server());
      await page.getByRole("link", { name: "Read a mark" }).click();
      const key = page.getByRole("textbox", { name: "Key" });
      const show = page.getByRole("button", { name: "Show the key" });
      expect(await key.getAttribute("type")).toBe("password");
      await show.click();
      expect([await key.getAttribute("type"), await show.getAttribute("aria-pressed")]).toEqual(["text", "true"]);
      await show.click();
      expect(await key.getAttribute("type")).toBe("password");
    });

    test.each(["/", "/signup.html", "/login.html"])("%s can be read and used by everybody", async (path) => {
      const watched = await WatchedPage.open(context, `${server()}${path}`);
      await expectForEverybody(watched);
    });

    test("the pages behind the login can be read and used by everybody", async () => {
      const watched = await openSignedUp(context, server(), { refused: /upload-document|create-watermark/ });
      const { page } = watched;
      await expectForEverybody(watched);
      const wrong = { name: "wrong.pdf", mimeType: "application/pdf", buffer: Buffer.from("hello") };
      await choose(page, wrong, await printPdf(context, `${"Quarterly-report-".repeat(12)}.pdf`));
      await page.getByText("is stored.").waitFor();
      await expectForEverybody(watched);
      await page.getByRole("button", { name: "Delete Quarterly" }).click();
      await expectForEverybody(watched);
      await page.getByRole("button", { name: "Keep" }).click();

      await page.getByRole("link", { name: "Quarterly" }).click();
      await markCopy(page, { recipient: "Bob", secret: "s".repeat(300), key: "k", method: "layered" });
      await page.getByRole("button", { name: "Mark a copy" }).click();
      await page.getByRole("alert").getByText("are required").waitFor();
      await page.getByText("More").click();
      await expectForEverybody(watched);
      await page.getByRole("link", { name: "Read a mark in it" }).click();
      await expect.poll(() => page.getByLabel("Document").inputValue()).not.toBe("");
      await expectForEverybody(watched);
    }, 120_000);
  });
}

/** Limits how fast the page sends, in bytes a second; -1: not at all. */
async function uploadAt(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const unlimited = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { ...unlimited, uploadThroughput });
}

/** What a screen reader says of a radio button. */
function accessibleTexts(radio: Element): { name: string | undefined; description: string | undefined } {
  const { labels } = radio as HTMLInputElement;
  const description = document.getElementById(radio.getAttribute("aria-describedby") ?? "");
  return { name: labels?.[0]?.textContent, description: description?.textContent };
}

/** Of a new tab, once it shows what it was opened for. */
async function tabFacts(tab: Page): Promise<{ protocol: string; type: string; opener: string }> {
  await tab.waitForURL((url) => url.protocol !== "about:");
  const { protocol } = new URL(tab.url());
  const rest = await tab.evaluate(() => ({
    type: document.contentType,
    opener: window.opener === null ? "none" : "some",
  }));
  return { protocol, ...rest };
}

async function expectForEverybody(watched: WatchedPage): Promise<void> {
  const { page } = watched;
  expect(await watched.barriers()).toEqual([]);
  const before = page.viewportSize();
  await page.setViewportSize(smallPhone);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (before !== null) await page.setViewportSize(before);
  expect(beyond).toBe(0);
  expect(watched.complaints).toEqual([]);
}
