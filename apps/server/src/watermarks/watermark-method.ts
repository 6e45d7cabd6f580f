/** What is hidden, and what it is hidden with. */
export interface WatermarkInput {
  /** 1 to 320 bytes of UTF-8. */
  readonly secret: string;
  /** 1 to 1024 bytes of UTF-8. */
  readonly key: string;
  /** Where a method has a choice; most ignore it. */
  readonly position: string | null;
}

/** One way to hide a secret in a PDF file. Without state; equal inputs give equal output. */
export interface WatermarkMethod {
  /** Stable; lower-case words with hyphens, at most 32 characters. */
  readonly name: string;
  /** What it does, what it survives and what it does not, for people. */
  readonly description: string;

  /** When true, `add` succeeds. */
  isApplicable(pdf: Uint8Array, position: string | null): Promise<boolean>;

  /**
   * @returns a file that looks the same, starts with `%PDF-` and is not shorter than `pdf`
   * @throws {PdfOperationError} the file cannot be parsed or is beyond a limit
   */
  add(pdf: Uint8Array, input: WatermarkInput): Promise<Uint8Array>;

  /**
   * @returns the secret
   * @throws {SecretNotFoundError} no mark of this method is in the file
   * @throws {WatermarkKeyError} a mark is there and does not open with this key
   * @throws {PdfOperationError} the file cannot be parsed or is beyond a limit
   */
  read(pdf: Uint8Array, key: string): Promise<string>;
}
