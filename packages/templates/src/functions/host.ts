/** Addresses as labels hold them. */

/** The host of host:port; a text of another form stays. */
export function stripPort(address: string): string {
  return splitHostPort(address)?.host ?? address;
}

/** The first part of a host name, with its port; an IP address stays. */
export function stripDomain(address: string): string {
  const split = splitHostPort(address);
  const host = split?.host ?? address;
  if (isIpAddress(host)) return address;
  const name = host.split(".")[0]!;
  if (split === null || split.port === "") return name;
  return name.includes(":") ? `[${name}]:${split.port}` : `${name}:${split.port}`;
}

/** As Go's net.SplitHostPort: an IPv6 host needs brackets. */
function splitHostPort(address: string): { readonly host: string; readonly port: string } | null {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address);
  return match === null ? null : { host: match[1] ?? match[2]!, port: match[3]! };
}

function isIpAddress(host: string): boolean {
  if (/^(?:\d{1,3}\.){3}\d{1,3}$/.test(host)) return host.split(".").every((part) => Number(part) <= 255);
  return host.includes(":") && /^[0-9a-fA-F:.]+$/.test(host);
}
