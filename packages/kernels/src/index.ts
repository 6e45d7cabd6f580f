export { ByteReader } from "./byte-reader.ts";
export { ByteWriter } from "./byte-writer.ts";
export { crc32c } from "./crc32c.ts";
export { CodecError } from "./errors.ts";
export { formatFloatF, formatFloatG, formatFloatJson, parseFloatGo } from "./number-text.ts";
export { decodeSnappy, encodeSnappy, snappySizeMaxBytes } from "./snappy.ts";
export { XorDecoder } from "./xor-decoder.ts";
export { XorEncoder, xorSampleSizeMaxBytes } from "./xor-encoder.ts";
