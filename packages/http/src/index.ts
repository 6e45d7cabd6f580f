export { createSteadyClock, createSystemClock, nodeYieldTurn, systemTimerHost } from "./clock/node-clock.ts";
export { ListenError, PortInUseError, UnguardedAddressError } from "./errors.ts";
export { createDoor } from "./incoming/door.ts";
export type { DoorOptions } from "./incoming/door-options.ts";
export { handlerOf } from "./incoming/handler-of.ts";
export { type ListeningAddress, listen, listenProblem, parseListenAddress } from "./incoming/listen.ts";
export { isPageRequest, type MissingPage, sendMissingPage } from "./incoming/missing-page.ts";
export { escapeHtml, type Page, sendHtml, sendPage } from "./incoming/page.ts";
export { findPortOwner, type PortOwner } from "./incoming/port-owner.ts";
export { type AddressBook, formatHostAndPort, type HostAndPort } from "./outgoing/address-book.ts";
export type {
  HttpConfig,
  HttpCredentials,
  HttpHeader,
  OAuth2Credentials,
  ProxyConfig,
  SecretSource,
  TlsConfig,
  TlsVersion,
} from "./outgoing/http-config.ts";
export { InProcessTransport, type InProcessTransportOptions } from "./outgoing/in-process-transport.ts";
export { SocketTransport, type SocketTransportOptions } from "./outgoing/socket-transport.ts";
