/** Any host does: what comes out must be what went in. */
const anyOrigin = "http://platform.invalid";

/**
 * Why a path cannot be sent as it is written, in words for people; null when it can.
 *
 * A path never names a host, and clients over sockets clean what they send: they take `..` out, turn `\` into `/`, and cut
 * off what follows `#`. Where that would happen, a drill would not do what it says.
 */
export function pathProblem(path: string): string | null {
  if (!path.startsWith("/")) return 'it must begin with "/"';
  if (path.startsWith("//")) return "two slashes in front name another host";
  if (!URL.canParse(anyOrigin + path)) return "it is no path";
  const { origin, pathname, search } = new URL(anyOrigin + path);
  if (origin !== anyOrigin) return "it names another host";
  return pathname + search === path ? null : `clients would send ${JSON.stringify(pathname + search)} instead`;
}

const headerNamePattern = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const headerValuePattern = /^[\t\x20-\x7e]*$/;

/** What says where a message ends belongs to the client that sends it. */
const ownHeaders = new Set(["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"]);

/** Why a header cannot be sent, in words for people; null when it can. */
export function headerProblem(name: string, value: string): string | null {
  if (!headerNamePattern.test(name)) return "its name must be of lower-case letters, digits and dashes";
  if (ownHeaders.has(name)) return "the client sets it by itself";
  return headerValuePattern.test(value) ? null : "its value must be of visible ASCII characters";
}
