/**
 * The target of a request as it was sent. The router is given a cleaned one, and a request from inside this process comes
 * through a library that resolves `..` first; the detectors must see what the client wrote.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const sentTargets = new WeakMap<IncomingMessage, string>();
/** Path that nobody can guess → the target it stands for, while a request from inside this process is under way. */
const standIns = new Map<string, string>();

/** Runs work with a path that the library leaves as it is, and that the router takes for the target. */
export async function withStandIn<T>(target: string, work: (path: string) => Promise<T>): Promise<T> {
  const path = `/${randomUUID()}`;
  standIns.set(path, target);
  try {
    return await work(path);
  } finally {
    standIns.delete(path);
  }
}

/** What the router shall see: origin form, and decodable; anything else is a path that no route has. */
export function routedTarget(request: { readonly url?: string | undefined }): string {
  const message = request as IncomingMessage;
  const sent = standIns.get(message.url ?? "/") ?? message.url ?? "/";
  sentTargets.set(message, sent);
  const originForm = sent.replace(/^https?:\/\/[^/?#]*/i, "");
  return isRoutable(originForm) ? originForm : "/%00";
}

/** The target as it was sent. */
export function targetOf(request: IncomingMessage): string {
  return sentTargets.get(request) ?? request.url ?? "/";
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
