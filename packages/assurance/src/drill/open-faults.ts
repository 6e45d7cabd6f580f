import type { FaultInjector, FaultName } from "./fault-injector.ts";

/** What is broken at the moment; whatever happens to a drill, all of it is mended at its end. */
export class OpenFaults {
  readonly #injector: FaultInjector;
  readonly #mends = new Set<() => Promise<void>>();

  constructor(injector: FaultInjector) {
    this.#injector = injector;
  }

  get count(): number {
    return this.#mends.size;
  }

  /**
   * Breaks it; gives the way back, which may be gone several times.
   * @throws {DrillSetupError} it cannot be injected here
   */
  async inject(fault: FaultName): Promise<() => Promise<void>> {
    const undo = await this.#injector.inject(fault);
    const mend = async (): Promise<void> => {
      if (this.#mends.delete(mend)) await undo();
    };
    this.#mends.add(mend);
    return mend;
  }

  /** The last one first. @throws what one of them failed with, after all were tried */
  async mendAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const mend of [...this.#mends].toReversed()) await mend().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
