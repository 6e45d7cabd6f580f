import type { Clock } from "@tatou/model";
import type { TokenSigner } from "./auth/bearer-token.ts";
import type { LoginHistory } from "./auth/login-history.ts";
import type { LoginThrottle } from "./auth/login-throttle.ts";
import type { PasswordHasher } from "./auth/password-hasher.ts";
import type { ServerFaults } from "./faults/server-faults.ts";
import type { RequestLimiters } from "./limits/request-limiters.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { PdfWorkshop } from "./pdf/pdf-workshop.ts";
import type { RmapService } from "./rmap/rmap-service.ts";
import type { ServerLog } from "./server-log.ts";
import type { ServerSettings } from "./settings.ts";
import type { Database } from "./storage/database.ts";
import type { FileStore } from "./storage/file-store.ts";

/** The parts of one server, which its routes share. */
export interface ServerContext {
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly metrics: ServerMetrics;
  readonly database: Database;
  readonly files: FileStore;
  readonly pdfWorkshop: PdfWorkshop;
  readonly tokens: TokenSigner;
  readonly passwords: PasswordHasher;
  readonly loginThrottle: LoginThrottle;
  readonly loginHistory: LoginHistory;
  readonly limiters: RequestLimiters;
  /** Null outside of drills. */
  readonly faults: ServerFaults | null;
  /** Null when RMAP is not configured. */
  readonly rmap: RmapService | null;
}
