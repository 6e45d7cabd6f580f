import type { Clock, Log } from "@tatou/model";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface DoorOptions {
  /** The flag that sets its address, for hints: "--web.listen-address". */
  readonly listenFlag: string;
  /** What besides the address could be changed, for the refusal to listen on a network without a guard. */
  readonly guardHint?: string;
  /** The operator answers for who can reach the port: any address may be bound. */
  readonly trustedNetwork?: boolean;
  /** The app itself asks everybody who they are: any address may be bound. */
  readonly hasAuthentication?: boolean;
  /** Host names, without port, under which it may be asked besides localhost, loopback addresses and service names. */
  readonly allowedHosts?: readonly string[];
  /** Folder of the built pages; without it, pages say that there are none. */
  readonly webRoot?: string;
  /** Larger request bodies are refused with 413; default 10 MiB. Routes may set their own `bodyLimit`. */
  readonly bodySizeMaxBytes?: number;
  /** How long `close` waits for answers under way before it cuts their connections; default 5000. */
  readonly closeGraceMs?: number;
  readonly clock?: Clock;
  /** Hears of unexpected errors in handlers. */
  readonly log?: Log;
  /** Answers in the app's own form when a handler throws or a request is refused; by default in plain text. */
  readonly handleError?: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

export const doorOptionsKey = Symbol("door options");

/** The options of the door an instance is, or is a child of. */
export function doorOptionsOf(instance: FastifyInstance): DoorOptions {
  return instance.getDecorator<DoorOptions>(doorOptionsKey);
}
