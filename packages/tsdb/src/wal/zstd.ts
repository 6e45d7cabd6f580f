/** Decompresses records that Prometheus wrote with zstd; here, records are written with snappy only. */
import { CodecError } from "@tatou/kernels";
import { Decompress } from "fzstd";

const magic = 0xfd2fb528;

/**
 * Decompresses a frame that says how much it holds, as those of a log do.
 *
 * @param sizeMaxBytes the most that may come out; more is refused before memory is taken
 * @throws {CodecError} the frame is damaged or says that it is larger
 */
export function decodeZstd(source: Uint8Array, sizeMaxBytes: number): Uint8Array {
  const { contentBytes, windowBytes } = readFrameHeader(source);
  if (contentBytes > sizeMaxBytes || windowBytes > sizeMaxBytes) {
    throw new CodecError(
      `Cannot decode zstd: found a length of ${contentBytes} bytes, expected at most ${sizeMaxBytes}`,
    );
  }
  const target = new Uint8Array(contentBytes);
  let length = 0;
  const stream = new Decompress((part) => {
    if (part.length > contentBytes - length) throw damaged("it is longer than it says");
    target.set(part, length);
    length += part.length;
  });
  try {
    stream.push(source, true);
  } catch (error) {
    throw error instanceof CodecError ? error : damaged(error instanceof Error ? error.message : String(error));
  }
  if (length !== contentBytes) throw damaged("it ends early");
  return target;
}

/** Magic number, a byte of flags, then window, dictionary and content size, of which the flags say how long they are. */
function readFrameHeader(source: Uint8Array): { contentBytes: number; windowBytes: number } {
  if (source.length < 6) throw damaged("its header is cut");
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  if (view.getUint32(0, true) !== magic) throw damaged("it does not begin as a frame");
  const flags = source[4]!;
  const isSingleSegment = (flags & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeCode = flags >>> 6;
  if (sizeCode === 0 && !isSingleSegment) throw damaged("it does not say how long it is");
  const sizeBytes = sizeCode === 0 ? 1 : 1 << sizeCode;
  const start = (isSingleSegment ? 5 : 6) + dictionaryBytes;
  if (start + sizeBytes > source.length) throw damaged("its header is cut");
  let contentBytes = sizeCode === 1 ? 256 : 0;
  for (let index = 0; index < sizeBytes; index++) contentBytes += source[start + index]! * 256 ** index;
  const windowByte = source[5]!;
  const windowBase = 2 ** (10 + (windowByte >>> 3));
  const windowBytes = isSingleSegment ? contentBytes : windowBase + (windowBase / 8) * (windowByte & 7);
  return { contentBytes, windowBytes };
}

function damaged(what: string): CodecError {
  return new CodecError(`Cannot decode zstd: ${what}`);
}
