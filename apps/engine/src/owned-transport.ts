import type { HttpTransport } from "@tatou/model";

/** A transport that its user closes. */
export type OwnedTransport = HttpTransport & { close?(): Promise<void> };
