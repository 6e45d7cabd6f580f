/** Something in a data directory that is not as it was written. */
export interface DataProblem {
  readonly path: string;
  readonly offsetBytes: number;
  /** In words. */
  readonly what: string;
}

/** What a check looked at. */
export interface VerifyCounts {
  blocks: number;
  segments: number;
  headChunkFiles: number;
  bytes: number;
}

export interface VerifyContext {
  readonly counts: VerifyCounts;
  readonly report: (problem: DataProblem) => void;
  /** Hears of each file before it is read. */
  readonly onFile: (path: string) => void;
  /** Whether somebody writes while it is read: then the end of the newest files may not be there yet. */
  readonly isInUse: boolean;
}
