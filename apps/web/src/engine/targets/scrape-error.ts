import type { ActiveTarget } from "../engine-api.ts";

/**
 * What the commonest scrape errors mean, in plain words.
 * @returns null where the error says enough itself
 */
export function explainScrapeError({ lastError, scrapeTimeout }: ActiveTarget): string | null {
  if (lastError.endsWith("context deadline exceeded"))
    return `No complete answer within ${scrapeTimeout} (scrape_timeout): the target hangs, is overloaded or cannot be reached`;
  if (lastError.includes("connection refused"))
    return "Nothing listens at this address: the target is not running, or listens elsewhere";
  if (lastError.includes("no such host"))
    return "The name in the address is not known: check the target's spelling and DNS";
  return null;
}
