import type { Clock, EventLog, EventRange, LoggedEvent, NewEvent } from "@tatou/model";
import { type ChainHead, chainStart, linkEvent } from "./chain.ts";
import { selectEvents } from "./select-events.ts";

/** An event log that ends with the process: for virtual drills and tests. The oldest events go when it is full. */
export class MemoryEventLog implements EventLog {
  readonly #clock: Clock;
  readonly #eventsMax: number;
  readonly #events: LoggedEvent[] = [];
  #head: ChainHead = chainStart;

  constructor({ clock, eventsMax = 100_000 }: { readonly clock: Clock; readonly eventsMax?: number }) {
    this.#clock = clock;
    this.#eventsMax = eventsMax;
  }

  append(event: NewEvent): LoggedEvent {
    const link = linkEvent(this.#head, event, this.#clock.nowMs());
    this.#head = link.head;
    this.#events.push(link.event);
    // Cut in pieces, so that a full log does not move all its events for each new one.
    if (this.#events.length > this.#eventsMax * 1.25) this.#events.splice(0, this.#events.length - this.#eventsMax);
    return link.event;
  }

  read(range: EventRange = {}): AsyncIterable<LoggedEvent> {
    return selectEvents(this.#events.slice(-this.#eventsMax), range);
  }

  head(): ChainHead {
    return this.#head;
  }

  async close(): Promise<void> {}
}
