export { type Engine, type EngineOptions, openEngine, startEngine } from "./engine.ts";
export { ConfigurationError, EngineClosingError } from "./errors.ts";
export type { OwnedTransport } from "./owned-transport.ts";
export { type StorageFeatures, type StorageFlags, storageFlagDefaults } from "./storage/storage-flags.ts";
