import type { Log } from "@tatou/model";
import { type Logger, pino } from "pino";
import type { LogLevel } from "./log-level.ts";

/** JSON lines on standard output; on a terminal, lines for people. */
export async function createLogger(level: LogLevel): Promise<Logger> {
  const options = { level, base: null };
  if (!process.stdout.isTTY) return pino(options);
  // Loaded only where somebody looks: under `tatou up` four processes would hold it for nothing.
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ colorize: true, sync: true }));
}

export function logOf(logger: Logger): Log {
  return {
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    error: (message) => logger.error(message),
  };
}
