import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm, unlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { StorageError } from "../errors.ts";
import type { ServerFaults } from "../faults/server-faults.ts";

/**
 * Files under one folder: `files/<user>/<random>.pdf` for documents and versions, `incoming/` for what is not accepted yet.
 */
export class FileStore {
  readonly #root: string;
  readonly #faults: ServerFaults | null;

  private constructor(root: string, faults: ServerFaults | null) {
    this.#root = root;
    this.#faults = faults;
  }

  /**
   * Makes the folders and clears what an earlier run left unfinished.
   * @param faults null outside of drills
   */
  static async open(root: string, faults: ServerFaults | null = null): Promise<FileStore> {
    const absolute = resolve(root);
    await rm(join(absolute, "incoming"), { recursive: true, force: true });
    await mkdir(join(absolute, "incoming"), { recursive: true, mode: 0o700 });
    await mkdir(join(absolute, "files"), { recursive: true, mode: 0o700 });
    return new FileStore(await realpath(absolute), faults);
  }

  /** @throws {StorageError} the folder cannot be written */
  async create(): Promise<IncomingFile> {
    if (this.#faults?.isActive("storage_unwritable") === true) throw new StorageError("unwritable");
    const path = join(this.#root, "incoming", randomBytes(16).toString("hex"));
    const handle = await orStorageError(open(path, "wx", 0o600));
    return new IncomingFile(path, handle);
  }

  /**
   * Moves an incoming file to its place and gives its path relative to the root.
   * @throws {StorageError} the folder cannot be written
   */
  async keep(file: IncomingFile, ownerId: number): Promise<string> {
    const path = `files/${ownerId}/${randomBytes(16).toString("hex")}.pdf`;
    const target = join(this.#root, path);
    await orStorageError(
      mkdir(dirname(target), { recursive: true, mode: 0o700 }).then(() => rename(file.path, target)),
    );
    return path;
  }

  /**
   * Stores bytes as a new file of a user, whole or not at all.
   * @throws {StorageError} the folder cannot be written
   */
  async store(bytes: Uint8Array, ownerId: number): Promise<StoredFile> {
    const file = await this.create();
    try {
      await file.write(bytes);
      const sha256 = await file.finish();
      return { path: await this.keep(file, ownerId), sha256 };
    } finally {
      await file.discard();
    }
  }

  /**
   * Opens a stored file whose content is as it was stored; the caller closes it.
   * @throws {StorageError} the path leads outside, or the file is missing or changed
   */
  async openVerified(path: string, sha256: string): Promise<VerifiedFile> {
    const handle = await this.#openInside(path);
    try {
      const [digest, { size }] = await Promise.all([digestOf(handle), handle.stat()]);
      const wanted = Buffer.from(sha256, "hex");
      if (digest.length !== wanted.length || !timingSafeEqual(digest, wanted)) throw new StorageError("damaged");
      return { handle, sizeBytes: size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * The absolute path of a stored file whose content is as it was stored, for those who open it themselves.
   * @throws {StorageError} the path leads outside, or the file is missing or changed
   */
  async verifiedPath(path: string, sha256: string): Promise<string> {
    const { handle } = await this.openVerified(path, sha256);
    await handle.close();
    return resolve(this.#root, path);
  }

  /**
   * Removes a file; false when it was not there.
   * @throws {StorageError} the path leads outside, or the folder cannot be written
   */
  async remove(path: string): Promise<boolean> {
    const absolute = await this.#resolveInside(path);
    if (absolute === null) return false;
    try {
      await unlink(absolute);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw new StorageError("unwritable", error);
    }
  }

  async #openInside(path: string): Promise<FileHandle> {
    const absolute = await this.#resolveInside(path);
    if (absolute === null) throw new StorageError("missing");
    try {
      // The link was ruled out before; NOFOLLOW rules out that it appeared since.
      return await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      throw new StorageError(codeOf(error) === "ENOENT" ? "missing" : "outside", error);
    }
  }

  /** The absolute path of a regular file below `files/`, null when there is nothing. */
  async #resolveInside(path: string): Promise<string | null> {
    const absolute = resolve(this.#root, path);
    const inside = relative(join(this.#root, "files"), absolute);
    const isInside = inside !== "" && !inside.startsWith("..") && resolve(this.#root, "files", inside) === absolute;
    if (path.includes("\0") || !isInside) throw new StorageError("outside");
    try {
      const realFolder = await realpath(dirname(absolute));
      const status = await lstat(absolute);
      const isReal = `${realFolder}${sep}`.startsWith(join(this.#root, "files") + sep) && status.isFile();
      if (!isReal) throw new StorageError("outside");
      return absolute;
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if (codeOf(error) === "ENOENT") return null;
      throw new StorageError("outside", error);
    }
  }
}

export interface StoredFile {
  /** Relative to the root. */
  readonly path: string;
  readonly sha256: Buffer;
}

export interface VerifiedFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

/** A file that is being received. Ends by `FileStore.keep`, or by `discard`. */
export class IncomingFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;
  #isOpen = true;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @throws {StorageError} the disk is full, or fails */
  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    await orStorageError(this.#handle.writeFile(chunk));
  }

  /** Ends the writing, makes the content durable, and gives its SHA-256. */
  async finish(): Promise<Buffer> {
    await orStorageError(this.#handle.sync());
    await this.#close();
    return this.#hash.digest();
  }

  /** Removes the file if it is still where it was received. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.path, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }
}

async function digestOf(handle: FileHandle): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest();
}

async function orStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StorageError("unwritable", error);
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
