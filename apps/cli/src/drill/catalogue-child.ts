import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import type { PlayAnswer, PlayRequest } from "./catalogue-worker.ts";
import type { VirtualDrillOptions } from "./play-virtual.ts";

export type PlayOutcome =
  | { readonly kind: "report"; readonly report: DrillReport }
  | { readonly kind: "failed" | "died"; readonly reason: string };

/** The same from `src` and from `dist`. */
const workerScript = fileURLToPath(new URL("../../bin/catalogue-worker.mjs", import.meta.url));
/** Of real time, for one drill: a day of mixed traffic needs about a minute. */
const patienceMs = 15 * 60_000;
const errorTextMax = 2_000;

/** A process that plays drills, one at a time. */
export class CatalogueChild {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #errorText = "";
  #hasEnded = false;

  /**
   * @param directory where it may write
   * @param script what it runs
   */
  constructor(directory: string, script = workerScript) {
    this.#child = fork(script, {
      // Maps and infinities go over as they are.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, TMPDIR: directory, TMP: directory, TEMP: directory },
      // Requests make much garbage that is gone at once.
      execArgv: ["--max-semi-space-size=32"],
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-errorTextMax);
    });
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#hasEnded = true;
        resolve(how);
      };
      this.#child.once("error", (error) => end(error.message));
      this.#child.once("exit", (code, signal) => {
        const how = signal === null ? `code ${code}` : `signal ${signal}`;
        // Its last words are read first. The event `close` of the process does not come when the channel was closed from here.
        const { stderr } = this.#child;
        if (stderr === null || stderr.closed) end(how);
        else stderr.once("close", () => end(how));
      });
    });
  }

  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Always gives an outcome: also of a drill that takes its process down, or never ends. */
  async play(scenario: DrillScenario, options: VirtualDrillOptions, signal?: AbortSignal): Promise<PlayOutcome> {
    if (signal?.aborted === true) return { kind: "died", reason: "Interrupted" };
    let why = "The process that played it ended";
    const kill = (reason: string): void => {
      why = reason;
      this.#child.kill("SIGKILL");
    };
    const onAbort = (): void => kill("Interrupted");
    signal?.addEventListener("abort", onAbort, { once: true });
    const cancel = createSystemClock().schedule(patienceMs, () =>
      kill(`It took longer than ${patienceMs / 60_000} minutes`),
    );
    try {
      return await Promise.race([
        this.#ask({ scenario, options }),
        this.#ended.then((how): PlayOutcome => ({ kind: "died", reason: `${why} (${how})${this.#lastWords()}` })),
      ]);
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Lets it go, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  #ask(request: PlayRequest): Promise<PlayOutcome> {
    return new Promise((resolve) => {
      this.#child.once("message", (answer) => resolve(answer as PlayAnswer));
      // One that ended meanwhile says so by its end.
      this.#child.send(request, () => undefined);
    });
  }

  #lastWords(): string {
    const text = this.#errorText.trim();
    return text === "" ? "" : `: ${text}`;
  }
}
