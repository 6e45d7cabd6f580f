/** Names and first bytes of the files in a block; see docs/format/index.md, chunks.md, tombstones.md, block-meta.md. */
export const indexFileName = "index";
export const chunksDirectoryName = "chunks";
export const tombstonesFileName = "tombstones";
export const metaFileName = "meta.json";

export const indexMagic = 0xbaaad700;
export const chunksMagic = 0x85bd40dd;
export const tombstonesMagic = 0x0130ba30;

/** Behind every section, entry and chunk. */
export const checksumSizeBytes = 4;
/** Magic and version; in chunk segments three more bytes, so that chunks begin at eight. */
export const indexHeaderSizeBytes = 5;
export const segmentHeaderSizeBytes = 8;
export const tombstonesHeaderSizeBytes = 5;

/** Six offsets and a checksum, at the end of the index. */
export const tocSizeBytes = 6 * 8 + checksumSizeBytes;
/** Series begin at multiples of this, and are named by the quotient. */
export const seriesAlignmentBytes = 16;

export const segmentSizeMaxBytes = 512 * 1024 * 1024;
export const twoTo32 = 4294967296;

/** Segments are counted from 1 in their names, and from 0 in references. */
export function segmentFileName(index: number): string {
  return String(index + 1).padStart(6, "0");
}
