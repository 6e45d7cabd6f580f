import { renameSync, writeFileSync } from "node:fs";
import type { ServerFaultName } from "@tatou/server";

/** Writes the file that tells a platform what is broken in it. */
export class FaultControl {
  readonly path: string;
  readonly #active = new Set<ServerFaultName>();

  constructor(path: string) {
    this.path = path;
    this.#write();
  }

  /** Gives the way back. */
  begin(fault: ServerFaultName): () => void {
    this.#active.add(fault);
    this.#write();
    return () => {
      this.#active.delete(fault);
      this.#write();
    };
  }

  /** Whole or not at all: the platform may read at any time. */
  #write(): void {
    const next = `${this.path}.new`;
    writeFileSync(next, JSON.stringify([...this.#active]));
    renameSync(next, this.path);
  }
}
