import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { freePorts, startTatou, type TestProcess, until } from "../../lib/processes.ts";
import { copyFastMonitoring } from "./fast-monitoring.ts";

export const chromiumPath = process.env["TATOU_CHROMIUM"] ?? "/usr/bin/chromium";

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface StackUrls {
  readonly server: string;
  readonly engine: string;
  readonly alerts: string;
  readonly dashboards: string;
}

/** The four programs on free ports with a state of their own, and a browser to look at them. */
export class BrowserStack {
  readonly browser: Browser;
  readonly urls: StackUrls;
  readonly #stack: TestProcess;
  readonly #folder: string;

  private constructor(parts: { browser: Browser; urls: StackUrls; stack: TestProcess; folder: string }) {
    this.browser = parts.browser;
    this.urls = parts.urls;
    this.#stack = parts.stack;
    this.#folder = parts.folder;
  }

  static async open(): Promise<BrowserStack> {
    const folder = mkdtempSync(join(tmpdir(), "tatou-browser-"));
    const [server, engine, alerts, dashboards] = await freePorts(4);
    const ports = { server, engine, alerts, dashboards };
    const listen = Object.entries(ports).map(([name, port]) => `--${name}.listen=127.0.0.1:${port}`);
    const monitoring = `--monitoring-dir=${copyFastMonitoring(folder)}`;
    const stack = startTatou(["up", `--state-dir=${join(folder, "state")}`, monitoring, ...listen]);
    const [browser] = await Promise.all([
      chromium.launch({ executablePath: chromiumPath, args: chromiumArguments }),
      until("the stack to be up", async () => stack.output.includes("are up"), 60_000).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${stack.output}`);
      }),
    ]);
    const url = (port: number | undefined): string => `http://localhost:${port}`;
    const urls = { server: url(server), engine: url(engine), alerts: url(alerts), dashboards: url(dashboards) };
    return new BrowserStack({ browser, urls, stack, folder });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.#stack.stop("SIGINT");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
