/** What a request asked for, as it was sent. The router is given a cleaned version; detectors and log see what the client wrote. */
import type { IncomingMessage } from "node:http";
import { routedMethod } from "./routes.ts";

interface SentLine {
  readonly method: string;
  readonly target: string;
}

const sentLines = new WeakMap<IncomingMessage, SentLine>();

/**
 * Call before the router looks: gives the target that it shall see (origin form, and decodable; anything else is a path that
 * no route has), and puts the method that it shall see in the place of the sent one.
 */
export function prepareForRouter(request: IncomingMessage): string {
  const sent: SentLine = { method: request.method ?? "", target: request.url ?? "/" };
  sentLines.set(request, sent);
  request.method = routedMethod(sent.method);
  const originForm = sent.target.replace(/^https?:\/\/[^/?#]*/i, "");
  return isRoutable(originForm) ? originForm : "/%00";
}

/** The target as it was sent. */
export function targetOf(request: IncomingMessage): string {
  return sentLines.get(request)?.target ?? request.url ?? "/";
}

/** The method as it was sent. */
export function methodOf(request: IncomingMessage): string {
  return sentLines.get(request)?.method ?? request.method ?? "";
}

function isRoutable(target: string): boolean {
  if (!target.startsWith("/")) return false;
  try {
    decodeURIComponent(target.split("?", 1)[0] ?? "");
    return true;
  } catch {
    return false;
  }
}
