import type { CompactionResult, CompactionTask } from "./compaction-task.ts";

/** What the thread is started with. */
export interface CompactionOrder {
  readonly task: CompactionTask;
  /** Shared; not zero when the work is no longer wanted. */
  readonly cancelled: Int32Array<SharedArrayBuffer>;
}

/** What it says before it ends. Errors lose their class on the way between threads. */
export type CompactionAnswer =
  | { readonly kind: "done"; readonly result: CompactionResult }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly code: string | null;
      /** The file at fault, where the error names one. */
      readonly path: string | null;
    };

export function refusalOf(error: unknown): CompactionAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  const path = error instanceof Error && "path" in error ? String(error.path) : null;
  return { kind: "failed", message, code, path };
}
