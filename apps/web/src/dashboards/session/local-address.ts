/** Only a path of this server: an address that leads elsewhere would make the sign-in a trap. */
export function localAddress(address: string | null): string {
  if (address === null || !/^\/(?![/\\])/.test(address) || address.startsWith("/login")) return "/";
  return address;
}
