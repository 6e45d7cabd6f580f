export type { ChainHead } from "./chain.ts";
export { EventLogOpenError } from "./errors.ts";
export { type EventLogHealth, FileEventLog, type FileEventLogOptions } from "./file-event-log.ts";
export { MemoryEventLog } from "./memory-event-log.ts";
export { type Verification, verifyEventLog } from "./verify.ts";
