/** A target's URL as others could reach it: a loopback host is replaced by the host of this program's external URL. */
export function globalUrl(url: string, externalUrl: string | undefined): string {
  if (externalUrl === undefined) return url;
  const parsed = new URL(url);
  if (!loopbackHosts.has(parsed.hostname)) return url;
  parsed.hostname = new URL(externalUrl).hostname;
  return parsed.href;
}

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);
