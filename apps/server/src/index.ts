export { createServer, type ServerOptions, type TatouServer } from "./create-server.ts";
export { PdfWorkerMissingError, ServerSettingsError } from "./errors.ts";
export type { LogDestination } from "./server-log.ts";
export { readServerSettings, type ServerLimits, type ServerSettings } from "./settings.ts";
