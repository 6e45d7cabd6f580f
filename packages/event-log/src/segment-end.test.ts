import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { expect, test, vi } from "vitest";
import { FileEventLog } from "./file-event-log.ts";

const disk = vi.hoisted(() => ({ syncFails: 0 }));
vi.mock("node:fs", async (importActual) => {
  const actual = await importActual<typeof import("node:fs")>();
  const fsyncSync = (file: number): void => {
    if (disk.syncFails-- > 0) throw new Error("EIO: i/o error, fsync");
    actual.fsyncSync(file);
  };
  return { ...actual, fsyncSync };
});

test("a file that cannot be synced at its end does not keep the next from being begun", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tatou-events-"));
  const log = await FileEventLog.open({ directory, clock: new VirtualClock(), segmentMaxBytes: 1 });
  disk.syncFails = 1;
  for (let count = 0; count < 4; count++) log.append({ kind: "test", data: {} });
  expect(log.health()).toEqual({ ok: true });
  expect(await log.verify()).toMatchObject({ ok: true, lastSeq: 4 });
  await log.close();
  rmSync(directory, { recursive: true });
});
