import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type AddressBook, type HostAndPort, parseListenAddress } from "@tatou/http";
import { parseDurationMs } from "@tatou/model";
import { logLevels } from "../log-level.ts";
import { repositoryDirectory } from "../paths.ts";

/** Flags that all page-serving programs share, named as the originals name theirs. */
export function listenOption(fallback: string) {
  return new Option("--web.listen-address <host:port>", "where to listen").default(fallback);
}

/** A flag for a file or folder below monitoring/. */
export function monitoringOption<const Flags extends string>(flags: Flags, description: string, path: string) {
  return new Option(flags, description).default(
    `${repositoryDirectory}/monitoring/${path}`,
    `monitoring/${path} of the checkout`,
  );
}

export const externalUrlOption = () =>
  new Option("--web.external-url <url>", "the address people use; stands in links");
export const trustedNetworkOption = () =>
  new Option("--web.trusted-network", "allow other than loopback addresses: whoever reaches them is trusted");
export const allowedHostsOption = () =>
  new Option("--web.allowed-hosts <names>", "further host names to answer to, separated by commas")
    .argParser((text) =>
      text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    )
    .default([] as string[]);
export const statePathOption = () =>
  new Option("--state.path <directory>", "holds event log and databases").default("state");
export const logLevelOption = () =>
  new Option("--log.level <level>", "least severity to log").choices(logLevels).default("info" as const);

export const resolveOption = () =>
  new Option("--resolve <name:port=host:port>", "where a name in the files leads to; may be repeated")
    .argParser(addResolve)
    .default(new Map() as AddressBook);

function addResolve(text: string, before: AddressBook): AddressBook {
  const [name, address] = text.split("=");
  if (name === undefined || address === undefined || name === "") {
    throw new InvalidArgumentError("Expected name:port=host:port, as in server:5000=127.0.0.1:5000.");
  }
  return new Map([...before, [name, parseHostAndPort(address)]]);
}

/** For commander: refuses in its words. */
export function parseHostAndPort(text: string): HostAndPort {
  try {
    return parseListenAddress(text, "");
  } catch {
    throw new InvalidArgumentError("Expected host:port, as in 127.0.0.1:9090.");
  }
}

export function durationMs(text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError("Expected a whole number above 0.");
  return value;
}
