import type { BrowserContext, Page } from "playwright-core";
import { WatchedPage } from "./watched-page.ts";

export const password = "correct horse battery";

/** What a file chooser hands to the page. */
export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A user of the platform who nobody was before. */
export interface NewUser {
  readonly email: string;
  readonly login: string;
}

let userCount = 0;

export function newUser(): NewUser {
  userCount++;
  const login = `ada-${Date.now().toString(36)}-${userCount}`;
  return { email: `${login}@example.org`, login };
}

/** Signs a new user up, and shows the documents, of which there are none. */
export async function openSignedUp(
  context: BrowserContext,
  serverUrl: string,
  { refused, user = newUser() }: { readonly refused?: RegExp; readonly user?: NewUser } = {},
): Promise<WatchedPage> {
  const watched = await WatchedPage.open(context, `${serverUrl}/signup.html`, refused === undefined ? {} : { refused });
  const { page } = watched;
  await page.getByLabel("Email").fill(user.email);
  await page.getByLabel("Login").fill(user.login);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("No documents yet").waitFor();
  return watched;
}

/** A PDF of two pages, as a browser prints it. */
export async function printPdf(context: BrowserContext, name: string): Promise<ChosenFile> {
  const page = await context.newPage();
  await page.setContent(`<h1>Quarterly report</h1><p>${"Nobody else shall read this. ".repeat(200)}</p>`);
  const buffer = await page.pdf();
  await page.close();
  return { name, mimeType: "application/pdf", buffer };
}

/** Chooses files in the upload panel of the page. */
export async function choose(page: Page, ...files: readonly ChosenFile[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Choose/ }).click();
  await (await chooser).setFiles([...files]);
}

/** Uploads a file and goes to its page. */
export async function openStored(page: Page, file: ChosenFile): Promise<void> {
  await choose(page, file);
  await page.getByRole("link", { name: file.name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: file.name, exact: true }).waitFor();
}

/** Makes a marked copy on the page of a document. */
export async function markCopy(
  page: Page,
  order: { readonly recipient: string; readonly secret: string; readonly key: string; readonly method: string },
): Promise<void> {
  await page.getByLabel("Recipient", { exact: true }).fill(order.recipient);
  await page.getByLabel("Secret", { exact: true }).fill(order.secret);
  await page.getByRole("textbox", { name: "Key" }).fill(order.key);
  await page.getByRole("radio", { name: order.method, exact: true }).check();
  await page.getByRole("button", { name: "Mark a copy" }).click();
  await page.getByRole("status").getByText(`The copy for ${order.recipient} is ready`).waitFor();
}
