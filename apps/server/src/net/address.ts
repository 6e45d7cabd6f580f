import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** The mapped form in which a dual-stack socket names an IPv4 peer. */
const mappedIpv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The prefix length of a network with one address. */
const hostPrefix = { ipv4: 32, ipv6: 128 } as const;

/** An address without IPv4 mapping and zone; null when the text is none. */
export function plainAddress(text: string): string | null {
  const withoutZone = text.trim().replace(/%.*$/, "");
  const address = mappedIpv4.exec(withoutZone)?.[1] ?? withoutZone;
  return isIP(address) === 0 ? null : address;
}

/** What stands for one client in limits and labels: an IPv4 address, or the /64 network of an IPv6 address. */
export function clientKey(address: string): string {
  return isIPv6(address) ? `${ipv6Network64(address)}/64` : address;
}

/** True for an address, or an address with a prefix length that fits it. */
export function isNetwork(cidr: string): boolean {
  const [address = "", prefixText = "0", ...rest] = cidr.split("/");
  const prefixMax = isIPv4(address) ? hostPrefix.ipv4 : hostPrefix.ipv6;
  return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefixText) && Number(prefixText) <= prefixMax;
}

/** A set of networks in CIDR notation. */
export class AddressSet {
  readonly #networks = new BlockList();

  /** @param cidrs each one `isNetwork` */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) this.#add(cidr);
  }

  has(address: string): boolean {
    return this.#networks.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  }

  #add(cidr: string): void {
    const [address = "", prefixText] = cidr.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    const prefix = prefixText === undefined ? hostPrefix[family] : Number(prefixText);
    this.#networks.addSubnet(address, prefix, family);
  }
}

/**
 * The client behind a request: the peer, or, when the peer is a trusted proxy, the right-most forwarded address that is
 * not itself a trusted proxy. Anything further left was written by somebody we do not know.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: AddressSet,
): string {
  if (forwardedFor === undefined || !trustedProxies.has(peer)) return peer;
  const hops = [forwardedFor].flat().join(",").split(",").toReversed();
  let client = peer;
  for (const hop of hops) {
    const address = plainAddress(hop);
    if (address === null) return client;
    client = address;
    if (!trustedProxies.has(address)) return client;
  }
  return client;
}

/** The first four groups of an IPv6 address, as `2001:db8:0:1::`. */
function ipv6Network64(address: string): string {
  // The URL parser writes any spelling, an embedded IPv4 tail included, as hexadecimal groups.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = "", right] = canonical.split("::");
  const leftGroups = left === "" ? [] : left.split(":");
  const rightGroups = right === undefined || right === "" ? [] : right.split(":");
  const zeroCount = right === undefined ? 0 : 8 - leftGroups.length - rightGroups.length;
  const groups = [...leftGroups, ...Array<string>(zeroCount).fill("0"), ...rightGroups].slice(0, 4);
  while (groups.length > 0 && groups.at(-1) === "0") groups.pop();
  return `${groups.join(":")}::`;
}
