import { chmodSync, chownSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** In one step: whoever reads it meanwhile gets the old text or the new one, whole. Who may read and write it stays the same. */
export function replaceFile(file: string, text: string): void {
  const fresh = `${file}.tatou-new`;
  const old = statSync(file, { throwIfNoEntry: false });
  // What an earlier run left behind when it was ended.
  rmSync(fresh, { force: true });
  try {
    writeFileSync(fresh, text, { flag: "wx" });
    if (old !== undefined) {
      // Nobody else may give a file away.
      if (process.getuid?.() === 0) chownSync(fresh, old.uid, old.gid);
      chmodSync(fresh, old.mode);
    }
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
