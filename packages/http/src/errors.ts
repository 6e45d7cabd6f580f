import type { Diagnostic } from "@tatou/model";
import type { PortOwner } from "./incoming/port-owner.ts";

/** Somebody else listens there already. */
export class PortInUseError extends Error implements Diagnostic {
  override readonly name = "PortInUseError";
  readonly code = "port_in_use";
  readonly hint: string;
  readonly port: number;
  /** Undefined where it cannot be found out: another user's process, or not Linux. */
  readonly owner: PortOwner | undefined;

  constructor(
    place: { readonly address: string; readonly port: number },
    {
      listenFlag,
      owner,
      cause,
    }: { readonly listenFlag: string; readonly owner?: PortOwner | undefined; readonly cause?: unknown },
  ) {
    const who = owner === undefined ? "another program" : `${owner.command} (process ${owner.pid})`;
    super(`Cannot listen on ${place.address}: the port is taken by ${who}, expected a free port`, { cause });
    this.port = place.port;
    this.owner = owner;
    this.hint = portHint(place.port, listenFlag, owner);
  }
}

function portHint(port: number, listenFlag: string, owner: PortOwner | undefined): string {
  const choose = `choose another port with ${listenFlag}`;
  if (process.platform === "darwin" && port === 5000)
    return `On macOS the AirPlay Receiver holds port 5000: turn it off in System Settings, General, AirDrop & Handoff, or ${choose}`;
  if (owner !== undefined) return `Stop it, or ${choose}`;
  const find = process.platform === "win32" ? `netstat -ano | findstr :${port}` : `lsof -i :${port}`;
  return `Find it with "${find}" and stop it, or ${choose}`;
}

/** The address cannot be bound for a reason other than a taken port. */
export class ListenError extends Error implements Diagnostic {
  override readonly name = "ListenError";
  readonly code = "listen";
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** The address is reachable from the network and nothing guards the door. */
export class UnguardedAddressError extends Error implements Diagnostic {
  override readonly name = "UnguardedAddressError";
  readonly code = "unguarded_address";
  readonly hint: string;

  constructor(address: string, listenFlag: string, guardHint: string) {
    super(`Cannot listen on ${address}: anybody on the network could reach it unasked, expected a loopback address`);
    this.hint = `Use ${listenFlag}=127.0.0.1:PORT, or ${guardHint}`;
  }
}
