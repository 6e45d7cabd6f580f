import { join } from "node:path";
import { DirectoryLock, DirectoryLockedError } from "@tatou/tsdb";
import { StateDirectoryError, StateInUseError } from "./errors.ts";

/**
 * One `tatou up` per state directory, by the file `state/up.lock`.
 * @throws {StateInUseError} another `tatou up` runs there
 * @throws {StateDirectoryError} the directory cannot be written
 */
export function acquireStateLock(stateDirectory: string): DirectoryLock {
  try {
    return DirectoryLock.acquire(join(stateDirectory, "state"), "up.lock");
  } catch (error) {
    throw error instanceof DirectoryLockedError
      ? new StateInUseError(stateDirectory, error.holder)
      : new StateDirectoryError(stateDirectory, error);
  }
}
