/**
 * Start times of the samples of a chunk (encodings 4, 5 and 6): a byte in the header, and what follows a sample.
 *
 *   header byte   bit 7: the first sample has a start time     bits 0-6: the first sample whose start time changed, 0: none
 *   sample 0      time 0 - start time 0                         varint, if bit 7 is set
 *   sample n      time n-1 - start time n, less the same of n-1 varbit int, from the first change on
 *
 * From sample 127 on they stand there even if they don't change, since the header cannot name a later one.
 */
import type { BitReader, BitWriter } from "@tatou/kernels";

const firstIsKnown = 0x80;
const firstChangeMax = 0x7f;

export class StartTimeReader {
  startTimeMs = 0;
  #firstIsKnown = false;
  #firstChange = 0;
  #offsetMs = 0;

  begin(header: number): void {
    this.startTimeMs = 0;
    this.#offsetMs = 0;
    this.#firstIsKnown = (header & firstIsKnown) !== 0;
    this.#firstChange = header & firstChangeMax;
  }

  /** Reads what follows the sample of that index. @throws {CodecError} */
  read(reader: BitReader, index: number, timeMs: number, lastTimeMs: number): void {
    if (index === 0) {
      if (this.#firstIsKnown) this.startTimeMs = timeMs - reader.varint();
      return;
    }
    if (this.#firstChange === 0 || index < this.#firstChange) return;
    const offsetMs = reader.varbitInt();
    this.#offsetMs = index === this.#firstChange ? offsetMs : this.#offsetMs + offsetMs;
    this.startTimeMs = lastTimeMs - this.#offsetMs;
  }
}

export class StartTimeWriter {
  /** The byte for the chunk's header. */
  header = 0;
  #startTimeMs = 0;
  #offsetMs = 0;

  begin(): void {
    this.header = 0;
    this.#startTimeMs = 0;
    this.#offsetMs = 0;
  }

  /** Writes what follows the sample of that index. */
  write(writer: BitWriter, index: number, times: SampleTimes): void {
    const { startTimeMs, timeMs, lastTimeMs } = times;
    const changed = startTimeMs !== this.#startTimeMs;
    this.#startTimeMs = startTimeMs;
    if (index === 0) {
      if (!changed) return;
      writer.varint(timeMs - startTimeMs);
      this.header = firstIsKnown;
      return;
    }
    const offsetMs = lastTimeMs - startTimeMs;
    if ((this.header & firstChangeMax) !== 0) writer.varbitInt(offsetMs - this.#offsetMs);
    else if (changed || index === firstChangeMax) {
      this.header |= index;
      writer.varbitInt(offsetMs);
    } else return;
    this.#offsetMs = offsetMs;
  }
}

interface SampleTimes {
  readonly startTimeMs: number;
  readonly timeMs: number;
  /** Of the sample before. */
  readonly lastTimeMs: number;
}
