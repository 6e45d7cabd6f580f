import { type ChildProcess, spawn } from "node:child_process";
import type { Clock } from "@tatou/model";
import { exitCodeRefused } from "../exit-codes.ts";
import { forEachLine } from "./for-each-line.ts";
import type { Program } from "./program.ts";

/** What happens to a program, as it happens. */
export type ProgramEvent =
  | { readonly kind: "starting" | "ready"; readonly program: Program }
  /** Says how far its start has come; isLine where that is worth a line of its own without a terminal. */
  | { readonly kind: "progress"; readonly program: Program; readonly text: string; readonly isLine: boolean }
  | { readonly kind: "output"; readonly program: Program; readonly stream: "stdout" | "stderr"; readonly line: string }
  /** Died; errorLines are the last ones it wrote on standard error. */
  | {
      readonly kind: "ended";
      readonly program: Program;
      readonly how: string;
      readonly errorLines: readonly string[];
      readonly restartInMs: number;
    }
  /** Says that starting it again would not help; errorLines say why. */
  | { readonly kind: "refused"; readonly program: Program; readonly errorLines: readonly string[] }
  /** Ended as asked, or killed because it did not. */
  | { readonly kind: "stopped"; readonly program: Program; readonly wasKilled: boolean };

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly report: (event: ProgramEvent) => void;
  /** How long a program may take to end before it is killed. */
  readonly stopPatienceMs?: number;
}

const firstRestartDelayMs = 1000;
const restartDelayMaxMs = 30_000;
/** Who lived so long gets the short delay again. */
const steadyAfterMs = 60_000;
const stopPatienceMsDefault = 15_000;
const errorLineCountMax = 100;

/**
 * Keeps one program running: starts it, starts it again when it dies, and stops it.
 *
 * The child is detached, so that Ctrl-C in the terminal reaches this process alone, which then ends the children in
 * order; it has an IPC channel and stops by itself when that closes, so that none is left behind by a kill -9.
 */
export class Supervisor {
  readonly #program: Program;
  readonly #options: SupervisorOptions;
  #child: ChildProcess | null = null;
  #errorLines: string[] = [];
  #cancelRestart: () => void = () => {};
  #restartDelayMs = firstRestartDelayMs;
  #wasReady = false;
  #isStopping = false;
  #wasKilled = false;

  constructor(program: Program, options: SupervisorOptions) {
    this.#program = program;
    this.#options = options;
  }

  /** Of the process that runs at the moment; null while there is none. */
  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    const program = this.#program;
    this.#options.report({ kind: "starting", program });
    const child = spawn(process.execPath, [...program.nodeFlags, program.script, ...program.args], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...program.environment },
    });
    this.#child = child;
    this.#errorLines = [];
    const startedMs = this.#options.clock.monotonicMs();
    child.on("message", (message) => this.#onMessage(message));
    child.on("error", (error) => this.#onLine("stderr", error.message));
    forEachLine(child.stdout!, (line) => this.#onLine("stdout", line));
    forEachLine(child.stderr!, (line) => this.#onLine("stderr", line));
    child.once("close", (code, signal) => this.#onClose(code, signal, startedMs));
  }

  /** Asks the program to end and waits for it; after a while it is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    const child = this.#child;
    if (child === null) return;
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    // A channel that breaks at this moment means that the program is ending anyway.
    if (child.connected) child.send({ kind: "stop" }, () => {});
    else child.kill("SIGTERM");
    const cancel = this.#options.clock.schedule(this.#options.stopPatienceMs ?? stopPatienceMsDefault, () =>
      this.kill(),
    );
    await closed;
    cancel();
  }

  /** Ends the program at once, without a chance to finish what it does. */
  kill(): void {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#wasKilled = this.#child?.kill("SIGKILL") ?? false;
  }

  #onMessage(message: unknown): void {
    const { kind, text, isLine } = message as Partial<Record<"kind" | "text" | "isLine", unknown>>;
    const program = this.#program;
    if (kind === "progress" && typeof text === "string")
      this.#options.report({ kind, program, text, isLine: isLine === true });
    if (kind !== "ready") return;
    this.#wasReady = true;
    this.#options.report({ kind, program });
  }

  #onLine(stream: "stdout" | "stderr", line: string): void {
    if (stream === "stderr" && this.#errorLines.length < errorLineCountMax) this.#errorLines.push(line);
    this.#options.report({ kind: "output", program: this.#program, stream, line });
  }

  #onClose(code: number | null, signal: NodeJS.Signals | null, startedMs: number): void {
    const { clock, report } = this.#options;
    const program = this.#program;
    const errorLines = this.#errorLines;
    this.#child = null;
    if (this.#isStopping) {
      report({ kind: "stopped", program, wasKilled: this.#wasKilled });
      return;
    }
    if (code === exitCodeRefused && !this.#wasReady) {
      report({ kind: "refused", program, errorLines });
      return;
    }
    if (clock.monotonicMs() - startedMs > steadyAfterMs) this.#restartDelayMs = firstRestartDelayMs;
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    report({ kind: "ended", program, how, errorLines, restartInMs: this.#restartDelayMs });
    this.#cancelRestart = clock.schedule(this.#restartDelayMs, () => this.start());
    this.#restartDelayMs = Math.min(restartDelayMaxMs, this.#restartDelayMs * 2);
  }
}
