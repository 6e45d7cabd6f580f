import type { EventLog, HttpTransport } from "@tatou/model";

/** Counts what the programs of a stack do, so that who watches them knows when there is something new to see. */
export class Activity {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** A send counts when its answer is there, or did not come. */
  countSends(transport: HttpTransport): HttpTransport & { close(): Promise<void> } {
    return {
      send: (request, signal) =>
        transport.send(request, signal).finally(() => {
          this.#count++;
        }),
      close: async () => undefined,
    };
  }

  countEvents(log: EventLog): EventLog {
    return {
      append: (event) => {
        this.#count++;
        return log.append(event);
      },
      read: (range) => log.read(range),
      head: () => log.head(),
      close: () => log.close(),
    };
  }
}
