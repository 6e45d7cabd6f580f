import { DrillSetupError } from "@tatou/assurance";
import type { Clock } from "@tatou/model";
import type { Program } from "../up/program.ts";
import { type ProgramEvent, Supervisor } from "../up/supervisor.ts";

const restartPatienceMs = 60_000;

/** A program of a drill's own stack: kept running as by `tatou up`, unless the drill wants otherwise. */
export class OwnProcess {
  readonly #program: Program;
  readonly #clock: Clock;
  readonly #supervisor: Supervisor;
  readonly #waiting: ((refusal: string | null) => void)[] = [];

  constructor(program: Program, clock: Clock) {
    this.#program = program;
    this.#clock = clock;
    this.#supervisor = new Supervisor(program, { clock, report: (event) => this.#onEvent(event) });
    this.#supervisor.start();
  }

  /** Resolves when it becomes ready the next time, with null; else with why it refuses to start. */
  ready(): Promise<string | null> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops it where it stands: its port is open, and nobody answers there. Gives the way back. */
  async freeze(): Promise<() => Promise<void>> {
    this.#signal("SIGSTOP");
    return async () => this.#signal("SIGCONT");
  }

  /**
   * Ends it at once, and waits until it is back.
   * @throws {DrillSetupError} it does not come back
   */
  async restart(): Promise<void> {
    const tooLate = `did not come back within ${restartPatienceMs / 1000} s`;
    let cancel = (): void => undefined;
    const waiting = new Promise<string>((resolve) => {
      cancel = this.#clock.schedule(restartPatienceMs, () => resolve(`${this.#program.name} ${tooLate}`));
    });
    const ready = this.ready();
    this.#signal("SIGKILL");
    const problem = await Promise.race([ready, waiting]);
    cancel();
    if (problem !== null) throw new DrillSetupError(problem, "Look at what it says when it starts");
  }

  async stop(): Promise<void> {
    // What is frozen hears nothing.
    this.#signal("SIGCONT");
    await this.#supervisor.stop();
  }

  kill(): void {
    this.#supervisor.kill();
  }

  #onEvent(event: ProgramEvent): void {
    const { name } = this.#program;
    if (event.kind === "ready") this.#tell(null);
    if (event.kind === "refused") this.#tell(`${name}: ${event.errorLines.join(" ")}`);
  }

  #tell(refusal: string | null): void {
    for (const resolve of this.#waiting.splice(0)) resolve(refusal);
  }

  #signal(signal: NodeJS.Signals): void {
    const { processId } = this.#supervisor;
    if (processId === null) return;
    try {
      process.kill(processId, signal);
    } catch {
      // It ended just now.
    }
  }
}
