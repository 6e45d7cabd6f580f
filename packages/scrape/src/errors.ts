/** Why a scrape failed although the target answered; the message is what the targets page shows. */
export class ScrapeError extends Error {
  override readonly name = "ScrapeError";
  readonly code: ScrapeErrorCode;

  constructor(code: ScrapeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type ScrapeErrorCode =
  | "status"
  | "content_type"
  | "body_size_limit"
  | "sample_limit"
  | "label_limit"
  | "target_limit"
  | "invalid_labels";
