import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";

/** The names compose files give the programs; they lead here inside a compose network. */
const serviceNames = ["server", "prometheus", "alertmanager", "grafana", "inbox"];

/**
 * Why a request must not pass, or undefined. Two attacks come through a victim's browser, which reaches loopback ports:
 * DNS rebinding (caught by the Host name) and requests by foreign pages (caught by Origin and Sec-Fetch-Site). Clients
 * that are no browsers send neither of the latter.
 */
export function guardRequest(
  request: Pick<FastifyRequest, "method" | "headers">,
  allowedHosts: readonly string[],
): string | undefined {
  const { host = "", origin } = request.headers;
  if (!isAllowedHost(hostNameOf(host), allowedHosts))
    return `Host ${JSON.stringify(host)} is not one of this program's names; add it with --web.allowed-hosts`;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return `Requests from pages of another origin (${JSON.stringify(origin)}) are refused`;
  return foreignSite(request);
}

/**
 * A typed address or a bookmark says "none", which is fine to read with but not to change things. So is a click on a link
 * elsewhere, in a chat message for instance: the browser opens the page for the reader, and who linked to it sees nothing
 * of the answer.
 */
function foreignSite(request: Pick<FastifyRequest, "method" | "headers">): string | undefined {
  const site = request.headers["sec-fetch-site"];
  const reads = request.method === "GET" || request.method === "HEAD";
  const opensPage =
    request.headers["sec-fetch-mode"] === "navigate" && request.headers["sec-fetch-dest"] === "document";
  if (site === undefined || site === "same-origin" || (reads && (site === "none" || opensPage))) return undefined;
  return `Requests from pages of another origin (Sec-Fetch-Site: ${JSON.stringify(site)}) are refused`;
}

function isAllowedHost(name: string, allowedHosts: readonly string[]): boolean {
  const lowerCase = name.toLowerCase().replace(/\.$/, "");
  return (
    lowerCase === "localhost" ||
    isLoopback(lowerCase) ||
    serviceNames.includes(lowerCase) ||
    allowedHosts.some((allowed) => allowed.toLowerCase() === lowerCase)
  );
}

/** Whether an address (no name) is of this machine alone. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return (isIP(plain) === 4 && plain.startsWith("127.")) || plain === "::1";
}

/** The name in a Host header: without port, without the brackets of IPv6. */
function hostNameOf(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host);
  return match?.[1] ?? match?.[2] ?? "";
}
