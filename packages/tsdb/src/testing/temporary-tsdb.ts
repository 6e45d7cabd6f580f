import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { testBaseMs } from "@tatou/model/testing";
import { Tsdb, type TsdbOptions } from "../tsdb.ts";

/** A directory for one test; `remove` deletes it. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "tatou-tsdb-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A store on a directory, at testBaseMs, with little memory. */
export function openTsdb(directory: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> {
  return Tsdb.open({ directory, clock: new VirtualClock(testBaseMs), memoryMaxBytes: 64 * 1024 * 1024, ...options });
}
