export { type Engine, type EngineOptions, startEngine } from "./engine.ts";
export { ConfigurationError, EngineClosingError } from "./errors.ts";
export type { OwnedTransport } from "./owned-transport.ts";
