/** Where a program listens. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Names the files use for services (`server:5000`, as in compose) and where those services really are. A key is
 * "name:port" or, for every port, "name". Only the connection goes elsewhere; URL, Host header and labels stay as written.
 */
export type AddressBook = ReadonlyMap<string, HostAndPort>;

export const emptyAddressBook: AddressBook = new Map();

/** The place a URL's host and port stand for: the book's entry, or the host and port themselves. */
export function lookUp(book: AddressBook, host: string, port: number): HostAndPort {
  return book.get(`${host}:${port}`) ?? book.get(host) ?? { host, port };
}

/** Host (IPv6 without brackets) and port of a URL, the scheme's own port when none is written. */
export function hostAndPortOf(url: URL): HostAndPort {
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port !== "" ? Number(url.port) : url.protocol === "https:" ? 443 : 80;
  return { host, port };
}

/** "host:port", with brackets around IPv6. */
export function formatHostAndPort({ host, port }: HostAndPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
