import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { ListenError, PortInUseError, UnguardedAddressError } from "../errors.ts";
import { formatHostAndPort, type HostAndPort } from "../outgoing/address-book.ts";
import { doorOptionsOf } from "./door-options.ts";
import { isLoopback } from "./guard.ts";
import { findPortOwner } from "./port-owner.ts";

/** Where a door listens now. */
export interface ListeningAddress extends HostAndPort {
  /** For people and clients on this machine: http://127.0.0.1:9090 */
  readonly url: string;
}

/**
 * Opens the door on "host:port" (port 0 for any free one; ":9090" means all interfaces, as in Go).
 * @throws {UnguardedAddressError} the address is not loopback and the door has neither trustedNetwork nor authentication
 * @throws {PortInUseError} says by whom, where that can be seen
 * @throws {ListenError} no such address here, no permission, or not an address
 */
export async function listen(door: FastifyInstance, address: string): Promise<ListeningAddress> {
  const { listenFlag, trustedNetwork, hasAuthentication, guardHint } = doorOptionsOf(door);
  const place = parseListenAddress(address, listenFlag);
  const isGuarded = trustedNetwork === true || hasAuthentication === true;
  if (!isGuarded && place.host !== "localhost" && !isLoopback(place.host))
    throw new UnguardedAddressError(address, listenFlag, guardHint ?? "add --web.trusted-network");
  // "localhost" may mean ::1 alone on some machines, while everybody's URLs say 127.0.0.1.
  const host = place.host === "localhost" ? "127.0.0.1" : place.host;
  try {
    await door.listen({ host, port: place.port, backlog: listenBacklog });
  } catch (error) {
    throw await listenProblem(error, { address, port: place.port, listenFlag });
  }
  const bound = door.server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : place.port;
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return { host, port, url: `http://${formatHostAndPort({ host: reachable, port })}` };
}

const listenBacklog = 511;

/**
 * Reads "127.0.0.1:9090", "[::1]:9090", "localhost:9090" or ":9090".
 * @throws {ListenError} it is none of these
 */
export function parseListenAddress(address: string, listenFlag: string): HostAndPort {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  const hostOk = match?.[1] === undefined || isIP(match[1]) === 6;
  if (host === undefined || !hostOk || port > 65_535)
    throw new ListenError(
      `Cannot listen on ${JSON.stringify(address)}: that is no address, expected host:port`,
      `Write it as ${listenFlag}=127.0.0.1:9090`,
    );
  return { host: host === "" ? "0.0.0.0" : host, port };
}

/** What went wrong with listening, in words. Also for servers that are no door. */
export async function listenProblem(
  error: unknown,
  { address, port, listenFlag }: { readonly address: string; readonly port: number; readonly listenFlag: string },
): Promise<Error> {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return new PortInUseError({ address, port }, { listenFlag, owner: await findPortOwner(port), cause: error });
    case "EACCES":
      return new ListenError(
        `Cannot listen on ${address}: the system does not permit it, expected a port above 1023`,
        `Choose another port with ${listenFlag}`,
        error,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ListenError(
        `Cannot listen on ${address}: this machine has no such address, expected one of its own`,
        `Choose another address with ${listenFlag}`,
        error,
      );
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}
