/** The head of each sample in records with start times (types 11 to 13 in docs/format/wal.md): ref, time, start time. */
import type { ByteReader, ByteWriter } from "@tatou/kernels";

const marker = { none: 0, sameAsBefore: 1, explicit: 2 } as const;

export class StartTimeReader {
  ref = 0;
  timestampMs = 0;
  startTimeMs = 0;
  #isFirst = true;
  #firstTimeMs = 0;
  #firstStartTimeMs = 0;

  /** Takes in what stands in front of the next value. @throws {CodecError} */
  next(reader: ByteReader): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      this.ref = reader.varint();
      this.timestampMs = this.#firstTimeMs = reader.varintRounded();
      this.startTimeMs = this.#firstStartTimeMs = reader.varintRounded();
      return;
    }
    this.ref += reader.varint();
    this.timestampMs = this.#firstTimeMs + reader.varintRounded();
    const kind = reader.uint8();
    if (kind === marker.none) this.startTimeMs = 0;
    else if (kind !== marker.sameAsBefore) this.startTimeMs = this.#firstStartTimeMs + reader.varintRounded();
  }
}

export class StartTimeWriter {
  #isFirst = true;
  #firstTimeMs = 0;
  #firstStartTimeMs = 0;
  #ref = 0;
  #startTimeMs = 0;

  /** Writes what stands in front of a value; a start time of 0 is none. */
  next(writer: ByteWriter, ref: number, timestampMs: number, startTimeMs: number): void {
    writer.varint(ref - this.#ref);
    writer.varint(timestampMs - this.#firstTimeMs);
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#firstTimeMs = timestampMs;
      this.#firstStartTimeMs = startTimeMs;
      writer.varint(startTimeMs);
    } else if (startTimeMs === 0) writer.uint8(marker.none);
    else if (startTimeMs === this.#startTimeMs) writer.uint8(marker.sameAsBefore);
    else {
      writer.uint8(marker.explicit);
      writer.varint(startTimeMs - this.#firstStartTimeMs);
    }
    this.#ref = ref;
    this.#startTimeMs = startTimeMs;
  }
}
