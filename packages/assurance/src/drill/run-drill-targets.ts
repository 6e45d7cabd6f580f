import { isSeq, parseDocument } from "yaml";
import { DrillSetupError } from "../errors.ts";
import { isLoopbackHost } from "./receivers.ts";

/** Whether a platform runs on this machine. @throws {DrillSetupError} the address is none */
export function isOnThisMachine(targetUrl: string): boolean {
  return isLoopbackHost(parseUrl(targetUrl).hostname);
}

/**
 * Whether a targets.yml allows a platform that is somewhere else to be attacked: `targets: [ "https://staging.example.org" ]`.
 * Scheme, host and port have to be the same.
 * @throws {DrillSetupError} the text, or an address, cannot be read
 */
export function isListedTarget(targetUrl: string, listText: string): boolean {
  const document = parseDocument(listText);
  const targets = document.get("targets");
  if (document.errors.length > 0 || !isSeq(targets)) {
    throw new DrillSetupError(
      "Cannot read targets.yml: expected a list of addresses",
      'Write it as targets: [ "https://staging.example.org:5000" ]',
    );
  }
  const { origin } = parseUrl(targetUrl);
  return targets.toJSON().some((listed: unknown) => typeof listed === "string" && parseUrl(listed).origin === origin);
}

/** @throws {DrillSetupError} the value of such a flag is no address */
export function refuseNoAddress(flag: string, text: string): void {
  if (httpUrl(text) === null) {
    const example = "Give one such as http://localhost:9090";
    throw new DrillSetupError(`Cannot use ${JSON.stringify(text)} as ${flag}: it is no address`, example);
  }
}

function parseUrl(text: string): URL {
  const url = httpUrl(text);
  if (url !== null) return url;
  throw new DrillSetupError(
    `Cannot attack ${JSON.stringify(text)}: it is no address`,
    "Give one such as http://localhost:5000",
  );
}

function httpUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}
