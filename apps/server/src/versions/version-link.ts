import { randomBytes } from "node:crypto";

/** 43 characters of base64url for versions made by their owner, 32 of hexadecimal for those of an RMAP exchange. */
const linkPattern = /^(?:[A-Za-z0-9_-]{43}|[0-9a-f]{32})$/;

/** A link that nobody can guess: 32 random bytes. */
export function newVersionLink(): string {
  return randomBytes(32).toString("base64url");
}

/** True for what could be a link at all. */
export function isVersionLink(text: string): boolean {
  return linkPattern.test(text);
}

/** What a browser calls the copy when it is saved. */
export function versionFileName(link: string): string {
  return `${link}.pdf`;
}
