import { join } from "node:path";
import { blockTable } from "./block-table.ts";
import { readBlockRow } from "./read-blocks.ts";

export interface BlockReportFlags {
  readonly humanReadable?: true | undefined;
  readonly quiet?: true | undefined;
  readonly json?: true | undefined;
}

/** Tells the blocks that a command makes: each at once in the table, or all of them at the end as JSON. */
export class BlockReport {
  readonly #directory: string;
  readonly #flags: BlockReportFlags;
  readonly #ulids: string[] = [];

  constructor(directory: string, flags: BlockReportFlags) {
    this.#directory = directory;
    this.#flags = flags;
  }

  add(ulid: string): void {
    const { quiet, json, humanReadable } = this.#flags;
    this.#ulids.push(ulid);
    if (quiet === true || json === true) return;
    const style = { isHumanReadable: humanReadable === true, hasHeader: this.#ulids.length === 1 };
    process.stdout.write(blockTable([readBlockRow(join(this.#directory, ulid))], style));
  }

  end(): void {
    if (this.#flags.json !== true) return;
    const blocks = this.#ulids.map((ulid) => readBlockRow(join(this.#directory, ulid)));
    process.stdout.write(`${JSON.stringify({ blocks }, null, 2)}\n`);
  }
}
