/** A `..` segment, an absolute path (also of Windows), or NUL. */
const escapingPath = /(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[a-z]:[\\/]|\0/i;
/** Dots or slashes that were percent-encoded, once or twice, to slip past a router. */
const encodedEscape = /%(?:25)*(?:2f|5c|00)|(?:^|[\\/])(?:\.|%(?:25)*2e){2}(?:[\\/?#]|%(?:25)*(?:2f|5c)|$)/i;

/** True when a file name, a link or an id, as decoded, would lead out of its folder. */
export function isEscapingName(name: string): boolean {
  return escapingPath.test(name) || encodedEscape.test(name);
}

/** True when the path of a request target, as sent, tries to climb or smuggles a separator. */
export function isEscapingTarget(target: string): boolean {
  const path = target.split("?", 1)[0] ?? "";
  return encodedEscape.test(path) || path.includes("\\");
}
