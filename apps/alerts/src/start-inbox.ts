import { createDoor, type DoorOptions, handlerOf, type ListeningAddress, listen } from "@tatou/http";
import type { Clock, HttpHandler, Log } from "@tatou/model";
import { takeJsonAsText } from "./http/answers.ts";
import { registerInbox } from "./http/inbox-api.ts";
import { Inbox } from "./inbox/inbox.ts";
import { registerInboxPage, registerMissing } from "./pages/pages.ts";

export interface InboxOptions {
  readonly clock: Clock;
  readonly web: { /** Folder of the built pages. */ readonly root: string | null };
  readonly log: Log;
  readonly door?: Pick<DoorOptions, "trustedNetwork" | "hasAuthentication" | "allowedHosts" | "guardHint">;
}

/** The inbox alone, running. */
export interface InboxApp {
  readonly handle: HttpHandler;
  /** @param address "host:port", port 0 for any free one */
  listen(address: string): Promise<ListeningAddress>;
  close(): Promise<void>;
}

/** Starts the inbox by itself: a webhook receiver for an Alertmanager elsewhere. */
export function startInbox(options: InboxOptions): InboxApp {
  const door = createDoor({
    ...options.door,
    listenFlag: "--web.listen-address",
    ...(options.web.root !== null && { webRoot: options.web.root }),
    clock: options.clock,
    log: options.log,
  });
  const inbox = new Inbox(options.clock);
  takeJsonAsText(door);
  registerInbox(door, inbox);
  for (const path of ["/", "/inbox"]) registerInboxPage(door, inbox, path);
  registerMissing(door, [{ label: "Inbox", path: "/inbox" }]);
  door.get("/-/healthy", (_request, reply) => reply.type("text/plain; charset=utf-8").send("OK"));
  return {
    handle: handlerOf(door, options.clock),
    listen: (address) => listen(door, address),
    close: async () => {
      await door.close();
    },
  };
}
