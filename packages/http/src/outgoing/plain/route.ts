import type { HostAndPort } from "../address-book.ts";

/** Where a connection leads, and from which address; "" for whatever the system picks. */
export interface Route extends HostAndPort {
  readonly localAddress: string;
}
