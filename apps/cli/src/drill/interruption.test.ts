import { existsSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { stopAtInterrupt } from "./interruption.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

afterEach(() => vi.restoreAllMocks());

test("Ctrl-C lets a command end in its own time; a second one does not", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const stopping = new AbortController();
  const end = stopAtInterrupt(stopping);
  // Listens, too, and later.
  const directory = new TemporaryDirectory("tatou-interruption-test-");
  try {
    process.emit("SIGINT", "SIGINT");
    expect(stopping.signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
    expect(existsSync(directory.path)).toBe(true);
    process.emit("SIGINT", "SIGINT");
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
    end();
    process.emit("SIGINT", "SIGINT");
    // Nobody but the directory listens any more.
    expect(exit).toHaveBeenCalledTimes(2);
  } finally {
    end();
    directory.remove();
  }
});
