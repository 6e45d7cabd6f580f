import type { RecordVisitor } from "../wal/record.ts";

const nothing = (): void => undefined;
/** For who only wants to know whether a log can be read. */
export const ignoringVisitor: RecordVisitor = {
  onSeries: nothing,
  onSamples: nothing,
  onTombstone: nothing,
  onExemplar: nothing,
  onMetadata: nothing,
  onHistogram: nothing,
  onMmapMarker: nothing,
  onMinValidTime: nothing,
  onSkipped: nothing,
};
