import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OwnProcess } from "./own-stack-process.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-own-process-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a program that does not come back is not waited for without an end", async () => {
  const script = join(folder, "once.mjs");
  writeFileSync(
    script,
    `import { existsSync, writeFileSync } from "node:fs";
const marker = ${JSON.stringify(join(folder, "started"))};
if (!existsSync(marker)) { writeFileSync(marker, ""); process.send({ kind: "ready" }); }
process.on("message", () => process.exit(0));
setInterval(() => {}, 1000);`,
  );
  const clock = new VirtualClock();
  const program = { title: "", script, args: [], environment: {}, nodeFlags: [], url: "" };
  const own = new OwnProcess({ ...program, name: "server" }, clock);
  try {
    expect(await own.ready()).toBeNull();
    const failing = own.restart().catch((error: unknown) => error);
    await clock.advance(61_000);
    expect(await failing).toMatchObject({ name: "DrillSetupError", message: "server did not come back within 60 s" });
  } finally {
    own.kill();
    await own.stop();
  }
});
