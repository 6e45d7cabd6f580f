/** The parts of a URL that configuration checks look at; user information is not in `host`. */
export interface UrlParts {
  readonly scheme: string;
  readonly host: string;
}

/**
 * Takes a URL apart as Go's url.Parse does, which allows what the URL class of JavaScript refuses (no scheme, no host)
 * and refuses what that repairs.
 * @throws {SyntaxError} with Go's wording
 */
export function parseGoUrl(written: string): UrlParts {
  const fail = (reason: string): never => {
    throw new SyntaxError(`parse ${JSON.stringify(written)}: ${reason}`);
  };
  if (/[\u0000-\u001f\u007f]/.test(written)) fail("net/url: invalid control character in URL");
  const withoutFragment = written.split("#", 1)[0]!;
  const schemeMatch = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(withoutFragment);
  if (schemeMatch === null && withoutFragment.startsWith(":")) fail("missing protocol scheme");
  const scheme = (schemeMatch?.[1] ?? "").toLowerCase();
  const rest = withoutFragment.slice(schemeMatch?.[0].length ?? 0).split("?", 1)[0]!;
  if (scheme === "" && rest.split("/", 1)[0]!.includes(":")) fail("first path segment in URL cannot contain colon");
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(rest);
  if (badEscape !== null) fail(`invalid URL escape ${JSON.stringify(badEscape[0])}`);
  if (!rest.startsWith("//")) return { scheme, host: "" };
  const authority = rest.slice(2).split("/", 1)[0]!;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const badCharacter = /[ <>"\\^`{|}]/.exec(host);
  if (badCharacter !== null) fail(`invalid character ${JSON.stringify(badCharacter[0])} in host name`);
  if (host.startsWith("[") && !host.includes("]")) fail("missing ']' in host");
  const port = host.startsWith("[") ? host.slice(host.indexOf("]") + 1) : host.slice(host.split(":", 1)[0]!.length);
  if (port !== "" && !/^:\d*$/.test(port)) fail(`invalid port ${JSON.stringify(port)} after host`);
  return { scheme, host };
}
