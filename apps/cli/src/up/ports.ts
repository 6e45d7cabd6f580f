import { createServer } from "node:net";
import { findPortOwner, PortInUseError } from "@tatou/http";
import { hostAndPort, type ListenAddress, type UpSettings } from "./program.ts";

/** Looks at all four ports before anything is started, so that everything in the way is said at once. */
export async function portProblems(settings: UpSettings): Promise<readonly Error[]> {
  const wanted: readonly (readonly [string, ListenAddress])[] = [
    ["--server.listen", settings.server],
    ["--engine.listen", settings.engine],
    ["--alerts.listen", settings.alerts],
    ["--dashboards.listen", settings.dashboards],
  ];
  const problems = await Promise.all(wanted.map(([flag, address]) => portProblem(flag, address)));
  return problems.filter((problem) => problem !== null);
}

async function portProblem(listenFlag: string, address: ListenAddress): Promise<PortInUseError | null> {
  const code = await tryListen(address);
  // Other faults, such as an address this machine does not have, are told by the program itself.
  if (code !== "EADDRINUSE") return null;
  const place = { address: hostAndPort(address), port: address.port };
  return new PortInUseError(place, { listenFlag, owner: await findPortOwner(address.port) });
}

function tryListen({ host, port }: ListenAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? null));
    probe.listen({ host, port }, () => probe.close(() => resolve(null)));
  });
}
