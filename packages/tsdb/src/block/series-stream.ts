import type { Labels } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";

/**
 * Series one after the other, sorted by labels: what a block is written from and what compaction reads. A head, a block
 * and a merge of streams all look like this.
 *
 *   for (const symbol of stream.symbols()) ...;   then   while (stream.next()) { stream.labels, stream.chunks }
 */
export interface SeriesStream {
  /** Every text in the labels of the series, each once, sorted by its bytes; may hold more. Asked once, before `next`. */
  symbols(): Iterable<string>;
  /** Goes to the next series; false at the end. @throws {BlockCorruptError} */
  next(): boolean;
  /** Of the series at hand. */
  readonly labels: Labels;
  /** Of the series at hand, by minTimeMs; valid until the next call of `next`. May overlap, unless a stream says otherwise. */
  readonly chunks: readonly ChunkData[];
  /** Lets go of files. */
  close(): void;
}
