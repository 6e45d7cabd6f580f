import { createReadStream } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import { manifestName } from "./manifest.ts";

/** One entry, and the file its content comes from. */
export interface ArchiveSource {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

export interface ArchiveRequest {
  readonly manifest: Buffer;
  readonly sources: readonly ArchiveSource[];
  readonly madeAtMs: number;
  readonly isCompressed: boolean;
  readonly output: Writable;
  readonly signal: AbortSignal;
  /** Called after each entry. */
  readonly onWritten: (source: ArchiveSource) => void;
}

/** Writes a whole archive to a stream and ends it. */
export async function writeArchive(request: ArchiveRequest): Promise<void> {
  const archive = pack();
  const { isCompressed, output, signal } = request;
  const packed = Readable.from(archive);
  // Documents are compressed already; more effort would only take the processor from a running server.
  const written = isCompressed
    ? pipeline(packed, createGzip({ level: constants.Z_BEST_SPEED }), output, { signal })
    : pipeline(packed, output, { signal });
  const filled = fill(archive, request).catch((error: unknown) => {
    archive.destroy(error as Error);
    throw error;
  });
  // Whichever fails takes the other with it; the stream knows the reason, and the entries only that it is gone.
  const [writing, filling] = await Promise.allSettled([written, filled]);
  if (writing.status === "rejected") throw writing.reason;
  if (filling.status === "rejected") throw filling.reason;
}

async function fill(archive: Pack, { manifest, sources, madeAtMs, signal, onWritten }: ArchiveRequest): Promise<void> {
  const common = { mode: 0o600, mtime: new Date(madeAtMs) };
  await addManifest(archive, { ...common, name: manifestName, size: manifest.length }, manifest);
  for (const source of sources) {
    signal.throwIfAborted();
    const entry = archive.entry({ ...common, name: source.name, size: source.sizeBytes });
    await pipeline(createReadStream(source.path), entry);
    onWritten(source);
  }
  archive.finalize();
}

function addManifest(archive: Pack, header: Parameters<Pack["entry"]>[0], manifest: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, manifest, (error) => (error ? reject(error) : resolve()));
  });
}
