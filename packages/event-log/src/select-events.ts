import type { EventRange, LoggedEvent } from "@tatou/model";

const limitDefault = 1000;

/** Those events of a source in order that a range asks for. The source is read no further than needed. */
export async function* selectEvents(
  events: Iterable<LoggedEvent> | AsyncIterable<LoggedEvent>,
  { fromSeq = 1, limit = limitDefault, kindPrefix = "" }: EventRange,
): AsyncIterable<LoggedEvent> {
  let leftCount = limit;
  if (leftCount <= 0) return;
  for await (const event of events) {
    if (event.seq < fromSeq || !event.kind.startsWith(kindPrefix)) continue;
    yield event;
    leftCount--;
    if (leftCount <= 0) return;
  }
}
