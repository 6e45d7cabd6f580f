import type { Clock } from "@tatou/model";
import { colors } from "../colors.ts";
import { LogFile } from "./log-file.ts";
import { deathReason, messageForPeople, RepeatFilter } from "./output-line.ts";
import type { Program } from "./program.ts";
import type { Screen } from "./screen.ts";
import { type ProgramEvent, Supervisor } from "./supervisor.ts";

export interface StackOptions {
  readonly programs: readonly Program[];
  readonly clock: Clock;
  readonly screen: Screen;
  readonly logDirectory: string;
}

/** After a refusal, the others get this long to say what keeps them: everything in the way is then said at once. */
const refusalPatienceMs = 5000;

type ProgramName = Program["name"];

/** The programs together: starts them, tells on the screen what happens to them, and stops them. */
export class Stack {
  readonly #options: StackOptions;
  readonly #supervisors: readonly Supervisor[];
  readonly #logs: ReadonlyMap<ProgramName, LogFile>;
  readonly #repeats = new RepeatFilter();
  /** Who has neither become ready nor refused yet. */
  readonly #undecided: Set<ProgramName>;
  readonly #stillStopping: Set<ProgramName>;
  /** How far the start of those has come that say it. */
  readonly #progress = new Map<ProgramName, string>();
  /** What of the start is news without a terminal. */
  #startEssence = "starting";
  readonly #refusals = new Map<ProgramName, readonly string[]>();
  readonly #decided = withResolver<boolean>();
  #wasUp = false;
  #isStopping = false;

  /** @throws {Error} a log file cannot be written */
  constructor(options: StackOptions) {
    const { programs, clock, logDirectory } = options;
    this.#options = options;
    const names = programs.map(({ name }) => name);
    this.#undecided = new Set(names);
    this.#stillStopping = new Set(names);
    this.#logs = new Map(names.map((name) => [name, new LogFile(`${logDirectory}/${name}.log`)]));
    const report = (event: ProgramEvent): void => this.#onEvent(event);
    this.#supervisors = programs.map((program) => new Supervisor(program, { clock, report }));
  }

  /** Resolves with true when all are ready, with false when one refuses to start. */
  start(): Promise<boolean> {
    for (const supervisor of this.#supervisors) supervisor.start();
    this.#showUndecided();
    return this.#decided.promise;
  }

  /** Why the stack cannot run, as the programs said it; empty when none refused. */
  get refusalText(): string {
    const texts = [...this.#refusals].map(
      ([name, lines]) => `${colors.red("●")} ${name} cannot start\n${lines.join("\n")}`,
    );
    return texts.join("\n");
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#showStopping();
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
    for (const log of this.#logs.values()) log.close();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const supervisor of this.#supervisors) supervisor.kill();
  }

  #onEvent(event: ProgramEvent): void {
    const { screen } = this.#options;
    const { name } = event.program;
    switch (event.kind) {
      case "starting":
        return;
      case "progress":
        this.#progress.set(name, event.text);
        if (event.isLine) this.#startEssence = `starting ${event.text}`;
        this.#showUndecided();
        return;
      case "output":
        this.#logs.get(name)!.write(event.line);
        if (event.stream === "stdout") this.#showOutput(name, event.line);
        return;
      case "ready":
        if (this.#wasUp) screen.print(`${colors.green("●")} ${name} is back`);
        this.#decide(name);
        return;
      case "ended": {
        const reason = deathReason(event.errorLines);
        const how = reason === null ? event.how : `${event.how}: ${reason}`;
        screen.print(`${colors.red("●")} ${name} ended (${how}); starting it again in ${event.restartInMs / 1000} s`);
        return;
      }
      case "refused":
        if (this.#refusals.size === 0)
          this.#options.clock.schedule(refusalPatienceMs, () => this.#decided.resolve(false));
        this.#refusals.set(name, event.errorLines);
        this.#decide(name);
        return;
      case "stopped":
        if (event.wasKilled) screen.print(`${colors.yellow("●")} ${name} did not end in time and was killed`);
        this.#stillStopping.delete(name);
        this.#showStopping();
        return;
    }
  }

  #decide(name: ProgramName): void {
    this.#undecided.delete(name);
    if (this.#undecided.size > 0) {
      this.#showUndecided();
      return;
    }
    this.#wasUp = this.#refusals.size === 0;
    this.#decided.resolve(this.#wasUp);
  }

  #showOutput(name: ProgramName, line: string): void {
    const message = messageForPeople(line);
    if (message === null || !this.#repeats.isNews(`${name} ${message}`, this.#options.clock.monotonicMs())) return;
    this.#options.screen.print(`${colors.yellow(name.padEnd(10))} ${message}`);
  }

  #showUndecided(): void {
    if (this.#isStopping || this.#undecided.size === 0) return;
    const names = [...this.#undecided].map((name) => {
      const progress = this.#progress.get(name);
      return progress === undefined ? name : `${name} (${progress})`;
    });
    this.#options.screen.live(colors.dim(`starting: ${names.join(", ")} ...`), this.#startEssence);
  }

  #showStopping(): void {
    if (this.#isStopping && this.#stillStopping.size > 0)
      this.#options.screen.live(colors.dim(`stopping: ${[...this.#stillStopping].join(", ")} ...`), "stopping");
  }
}

function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}
