import { readdirSync } from "node:fs";
import { isFileError } from "../system-error.ts";
import { DirectoryError } from "./errors.ts";

/** @throws {DirectoryError} it is none, or may not be looked into */
export function requireDirectory(path: string): void {
  try {
    readdirSync(path);
  } catch (error) {
    throw isFileError(error) ? new DirectoryError(path, error) : error;
  }
}
