// Takes the README's pictures: starts a stack of its own, plays the brute-force drill against it for real, and photographs
// the Security overview once the alert has fired and somebody was told. About three minutes; needs Chromium.
//   node tools/screenshot.mjs
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { root } from "./lib/stamp.mjs";

const tatou = join(root, "apps/cli/bin/tatou.mjs");
const images = join(root, "docs/images");
const pictures = [
  { file: "security-overview.png", colorScheme: "dark" },
  { file: "security-overview-light.png", colorScheme: "light" },
];
const viewport = { width: 1600, height: 1000 };
const dashboardPath = "/d/security_overview?from=now-3m&to=now";
const pictureSizeMaxBytes = 400 * 1024;
const chromiumArguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"];
/** Some calm before the attack, for the eye to compare with. */
const calmMs = 60_000;
const startMs = 60_000;

const folder = mkdtempSync(join(tmpdir(), "tatou-screenshot-"));
const names = ["server", "engine", "alerts", "dashboards"];
const ports = await freePorts(names.length);
const urls = Object.fromEntries(names.map((name, index) => [name, `http://localhost:${ports[index]}`]));
const stack = startTatou(
  ["up", `--state-dir=${folder}`, ...names.map((name, index) => `--${name}.listen=127.0.0.1:${ports[index]}`)],
  "pipe",
);
try {
  await said(stack, "are up");
  console.log(`  The stack is up; ${calmMs / 1000} s of calm`);
  await sleep(calmMs);
  await drill();
  mkdirSync(images, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.TATOU_CHROMIUM ?? "/usr/bin/chromium",
    args: chromiumArguments,
  });
  for (const picture of pictures) await photograph(browser, picture);
  await browser.close();
} finally {
  stack.kill("SIGINT");
  await closed(stack);
  rmSync(folder, { recursive: true, force: true });
}

/** Attacks until the alert has fired and its message has arrived. */
async function drill() {
  const { server, engine, alerts } = urls;
  const where = [`--target=${server}`, `--prometheus=${engine}`, `--inbox=${alerts}`];
  const code = await closed(startTatou(["drill", "brute-force", "--clock=real", ...where], "inherit"));
  if (code !== 0) throw new Error("Cannot photograph the attack: the drill did not come to its end");
}

async function photograph(browser, { file, colorScheme }) {
  const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  await page.goto(`${urls.dashboards}/login?${new URLSearchParams({ redirectTo: dashboardPath })}`);
  await page.getByLabel("Login").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("admin");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Skip for now" }).click();
  await page.getByRole("region", { name: "Active alerts" }).getByText("HighAuthFailureRate").waitFor();
  await page.getByRole("region", { name: "Service up" }).getByText("UP", { exact: true }).waitFor();
  await page.locator("canvas").first().waitFor();
  // Panels that come into view at last are drawn, and the pointer lies on none.
  await page.mouse.move(0, 0);
  await sleep(2000);
  const path = join(images, file);
  await page.screenshot({ path });
  await context.close();
  const sizeBytes = statSync(path).size;
  console.log(`  docs/images/${file}: ${Math.round(sizeBytes / 1024)} KiB`);
  if (sizeBytes > pictureSizeMaxBytes) throw new Error(`${file} is too large for a README: ${sizeBytes} bytes`);
}

function startTatou(args, stdio) {
  return spawn(process.execPath, [tatou, ...args], { cwd: root, stdio: ["ignore", stdio, "inherit"] });
}

/** @returns {Promise<number | null>} the exit code */
function closed(child) {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("close", resolve));
}

/** Waits until a program has printed these words. */
function said(child, words) {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`Waited for "${words}" and read:\n${output}`)), startMs);
    child.stdout.on("data", (bytes) => {
      output += bytes;
      if (!output.includes(words)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("close", () => reject(new Error(`The stack ended:\n${output}`)));
  });
}

/** Ports nobody listens on now. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const found = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}
