export { type BackupPlaces, readBackupPlaces } from "./backup/backup-places.ts";
export { type BackupOptions, type BackupProgress, type BackupResult, createBackup } from "./backup/create-backup.ts";
export { BackupError, RestoreError } from "./backup/errors.ts";
export type { BackupCounts, BackupManifest, DamagedFile, FileProblem } from "./backup/manifest.ts";
export {
  type CheckOptions,
  checkBackup,
  type RestoreOptions,
  type RestoreProgress,
  type RestoreResult,
  restoreBackup,
} from "./backup/restore-backup.ts";
export { createServer, type ServerOptions, type TatouServer } from "./create-server.ts";
export { InitServerError, PdfWorkerMissingError, ServerSettingsError } from "./errors.ts";
export { type ServerFaultName, type ServerFaults, serverFaultNames } from "./faults/server-faults.ts";
export type { PdfObjectNode, PdfPageNode, PdfTree } from "./pdf/pdf-tree.ts";
export type { PdfRefusal, PdfVerdict } from "./pdf/pdf-verdict.ts";
export type { ExploreOutcome, MarkOutcome, MarkRequest, ReadMarkOutcome, ReadMarkRequest } from "./pdf/pdf-work.ts";
export { PdfWorkshop } from "./pdf/pdf-workshop.ts";
export { type InitServerOptions, type InitServerResult, initServer } from "./rmap/init-server.ts";
export { isRmapConfigured, type RmapSettings } from "./rmap/rmap-settings.ts";
export type { LogDestination } from "./server-log.ts";
export { readServerSettings, type ServerLimits, type ServerSettings } from "./settings.ts";
export { watermarkMethods } from "./watermarks/registry.ts";
export { watermarkLimits } from "./watermarks/watermark-limits.ts";
export type { WatermarkMethod } from "./watermarks/watermark-method.ts";
