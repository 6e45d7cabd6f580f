/** Bytes from a file or a socket that are not what their format says. */
export class CodecError extends RangeError {
  override readonly name = "CodecError";
  readonly code = "codec";
  readonly hint = "The bytes are damaged or in another format; restore them from a copy";
}
