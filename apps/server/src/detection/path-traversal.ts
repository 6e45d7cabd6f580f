/** Recognises names and paths that would lead out of a folder. What counts depends on what the value is for. */
import { plainText } from "./plain-text.ts";

/** Beyond, file systems and routers refuse by themselves. */
const inspectedLengthMax = 16 * 1_024;

/** A `..` segment, one that becomes it when `../` or `./` is taken out once, or NUL. */
const climb = /(?:^|[\\/])(?:\.\.(?:[\\/;]|$)|\.{3,16}[\\/]{2}|\.{3}[\\/]\.[\\/])|\0/;
/** An absolute path, also of Windows, a home folder, or an address that a careless reader opens as a file. */
const absolute = /^(?:[\\/]|[a-z]:[\\/]|~[\\/]|file:[\\/]|(?:php|phar|zip|jar|gopher|expect):\/\/)/i;
/** Dots or slashes that were percent-encoded, once or more, to slip past a router. */
const encodedEscape =
  /%(?:25){0,8}(?:2f|5c|00)|(?:^|[\\/])(?:\.|%(?:25){0,8}2e){2}(?:[\\/?#]|%(?:25){0,8}(?:2f|5c)|$)/i;
/** Dots and slashes in UTF-8 that is longer than it may be, or as `%u002e`: no honest client has ever written one. */
const falseEncoding =
  /%c0%a[ef]|%c1%9c|%(?:e0|f0%80|f8%80%80|fc%80%80%80)%(?:80%a[ef]|81%9c)|%u(?:00(?:2e|2f|5c)|ff0[ef]|ff3c|221[56])/i;
/** Where those look who got out. */
const knownPlace =
  /^(?:[a-z]:)?[\\/]{1,8}(?:etc[\\/]|proc[\\/](?:self|\d)|root[\\/]|var[\\/](?:log|www|lib)[\\/]|windows(?:[\\/]|$)|winnt(?:[\\/]|$)|boot\.ini)|^file:[\\/]/i;
const doubleClimb = /\.\.[\\/]{1,8}(?:[^\\/]{1,64}[\\/]{1,8})?\.\.[\\/]/;

/** True when a file name, a link, an id or a login would lead out of its folder. */
export function isEscapingName(name: string): boolean {
  const cut = name.slice(0, inspectedLengthMax);
  if (encodedEscape.test(cut) || falseEncoding.test(cut)) return true;
  return isEscapingText(cut) || absolute.test(plainText(cut).trim());
}

/** True when a title climbs, or has a NUL: a title may well begin with a slash, or have one. */
export function isEscapingText(text: string): boolean {
  return climb.test(plainText(text.slice(0, inspectedLengthMax)).trim());
}

/** True when a value whose purpose is not known can have no other: it climbs twice, or names a place that has been sought. */
export function isEscapingValue(value: string): boolean {
  const plain = plainText(value.slice(0, inspectedLengthMax)).trim();
  if (knownPlace.test(plain) || doubleClimb.test(plain) || plain.includes("\0")) return true;
  return /\.{3,16}[\\/]{2}/.test(plain) && climb.test(plain);
}

/** True when the path of a request, as sent, tries to climb, smuggles a separator, or asks for a known place. */
export function isEscapingPath(path: string): boolean {
  const cut = path.slice(0, inspectedLengthMax);
  if (encodedEscape.test(cut) || falseEncoding.test(cut) || cut.includes("\\")) return true;
  return isEscapingText(cut) || knownPlace.test(plainText(cut));
}
