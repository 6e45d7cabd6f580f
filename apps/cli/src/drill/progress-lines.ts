import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { colors } from "../colors.ts";
import { drillLine } from "./summary-text.ts";

/** A line for each drill that is over and, on a terminal, one for those that run. */
export class ProgressLines {
  readonly #screen: NodeJS.WriteStream | null;
  readonly #count: number;
  readonly #running = new Set<string>();
  #endedCount = 0;

  constructor(screen: NodeJS.WriteStream | null, count: number) {
    this.#screen = screen;
    this.#count = count;
  }

  began({ id }: DrillScenario): void {
    this.#running.add(id);
    this.#draw();
  }

  ended(report: DrillReport): void {
    this.#running.delete(report.drill);
    this.#endedCount++;
    this.end();
    this.#screen?.write(drillLine(report));
    this.#draw();
  }

  /** Takes the line of those that run away. */
  end(): void {
    if (this.#screen?.isTTY === true) this.#screen.write("\r\u001b[2K");
  }

  #draw(): void {
    if (this.#screen?.isTTY !== true || this.#running.size === 0) return;
    const line = `  … ${this.#endedCount} of ${this.#count}, now ${[...this.#running].join(", ")}`;
    this.#screen.write(`\r\u001b[2K${colors.dim(line.slice(0, (this.#screen.columns ?? 80) - 1))}`);
  }
}
